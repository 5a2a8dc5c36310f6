// Printing expressions and programs: the text itself.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as o from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { show, showDot, showProgram } from '../../src/tensor/show.js';

const x = o.input('x', 'f32', [2, 3]);
const shared = o.exp(x);

test('an expression is a line a node, shared nodes once, with its attributes and type', () => {
  assert.is(
    show(o.sum(o.mul(shared, o.add(shared, 0.5)), [1])),
    [
      "%0 = input 'x' : f32[2, 3]",
      '%1 = exp %0 : f32[2, 3]',
      '%2 = constant 0.5 : f32[]',
      '%3 = broadcast %2 : f32[2, 3]',
      '%4 = add %1 %3 : f32[2, 3]',
      '%5 = mul %1 %4 : f32[2, 3]',
      '%6 = sum %5 axes=[1] : f32[2]',
    ].join('\n'),
  );
});

test('long constants are cut, numbers are short', () => {
  assert.is(show(o.constant([0.1, 2, 3, 4, 5], 'f32', [5])), '%0 = constant 0.1 2 3 4 … : f32[5]');
  assert.is(show(o.constant([1, 2, 3, 4], 'u32', [4])), '%0 = constant 1 2 3 4 : u32[4]');
});

test('a program names its outputs and what it carries', () => {
  const state = o.input('state', 'f32', [2, 3]);
  assert.is(
    showProgram(program({ y: shared, twice: shared }, { state: o.add(state, shared) })),
    [
      "%0 = input 'x' : f32[2, 3]",
      '%1 = exp %0 : f32[2, 3]',
      "%2 = input 'state' : f32[2, 3]",
      '%3 = add %2 %1 : f32[2, 3]',
      'output y = %1',
      'output twice = %1',
      'carry state = %3',
    ].join('\n'),
  );
});

test('a drawing for Graphviz: a box a node, an arrow an operand, quotes kept out of labels', () => {
  const text = showDot([o.mul(shared, shared), o.input('a "quoted" name', 'u32', [])]);
  assert.is(
    text,
    [
      'digraph expression {',
      String.raw`  n0 [shape=box, label="input 'x'\nf32[2, 3]"];`,
      String.raw`  n1 [shape=box, label="exp\nf32[2, 3]"];`,
      String.raw`  n2 [shape=box, label="mul\nf32[2, 3]"];`,
      String.raw`  n3 [shape=box, label="input 'a 'quoted' name'\nu32[]"];`,
      '  n0 -> n1;',
      '  n1 -> n2;',
      '  n1 -> n2;',
      '}',
    ].join('\n'),
  );
});

test.run();
