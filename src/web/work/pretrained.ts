/** The pretrained policy; its weights come with this file, which is loaded when they are asked for. */
import type { Problem } from 'batchgfn';
import { pretrained } from 'batchgfn/pretrained';
import { valueOf } from './problem.js';

/** The policy on a problem. Throws with the failure's words. */
export const pretrainedOn = (problem: Problem) => valueOf(pretrained(problem));
