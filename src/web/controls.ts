/** Controls with their labels, and the form that all scenes have. */
import { addressOf, sources } from './sources.js';
import { h, type Drawn, type Shown } from './view.js';

const valueOf = (event: Event): string => (event.currentTarget as HTMLInputElement).value;

/** A choice of few. */
export const choice = <A extends string>(
  id: string,
  label: string,
  values: readonly (readonly [A, string])[],
  value: A | undefined,
  set: (value: A) => void,
): Drawn =>
  h(
    'label',
    { class: 'control', key: id },
    h('span', {}, label),
    h(
      'select',
      { id, value: value ?? '', onchange: (event: Event) => set(valueOf(event) as A) },
      values.map(([own, words]) => h('option', { value: own }, words)),
    ),
  );

/** A number between two ends, on an even or a logarithmic scale. */
export const slider = (
  id: string,
  label: string,
  [low, high]: readonly [number, number],
  value: number,
  set: (value: number) => void,
  {
    logarithmic = false,
    words = String(value),
  }: { readonly logarithmic?: boolean; readonly words?: string } = {},
): Drawn => {
  const to = (x: number): number => (logarithmic ? Math.log10(x) : x);
  const from = (x: number): number => (logarithmic ? Number((10 ** x).toPrecision(3)) : x);
  return h(
    'label',
    { class: 'control', key: id },
    h('span', {}, label, ' ', h('output', { for: id }, words)),
    h('input', {
      ...{ id, type: 'range', min: to(low), max: to(high), step: logarithmic ? 0.01 : 1, value: to(value) },
      'aria-valuetext': words,
      oninput: (event: Event) => set(Math.min(high, Math.max(low, from(Number(valueOf(event)))))),
    }),
  );
};

/** A whole number that is typed. */
export const typed = (
  id: string,
  label: string,
  [low, high]: readonly [number, number],
  value: number,
  set: (value: number) => void,
): Drawn =>
  h(
    'label',
    { class: 'control', key: id },
    h('span', {}, label),
    h('input', {
      ...{ id, type: 'number', min: low, max: high, step: 1, value },
      onchange: (event: Event) => {
        const number = Math.round(Number(valueOf(event)));
        set(Number.isFinite(number) ? Math.min(high, Math.max(low, number)) : value);
      },
    }),
  );

/** A button. One that does nothing now keeps the focus, which `disabled` would take away. */
export const button = (id: string, label: string, press: () => void, idle = false): Drawn =>
  h(
    'button',
    {
      ...{ id, key: id, type: 'button', 'aria-disabled': idle ? 'true' : undefined },
      onclick: idle ? undefined : press,
    },
    label,
  );

/** A tick. */
export const tick = (id: string, label: string, checked: boolean, set: (checked: boolean) => void): Drawn =>
  h(
    'label',
    { class: 'control tick-box', key: id },
    h('input', {
      ...{ id, type: 'checkbox', checked },
      onchange: (event: Event) => set((event.currentTarget as HTMLInputElement).checked),
    }),
    h('span', {}, label),
  );

/** What went wrong, in the library's words. */
export const trouble = (failure: string | undefined): Drawn | undefined =>
  failure === undefined ? undefined : h('p', { class: 'trouble', role: 'alert', key: 'trouble' }, failure);

/** A scene: its title, what is seen, three sentences beside it, and the file that does it. */
export const scene = (
  name: keyof typeof sources,
  title: string,
  seen: readonly (Shown | undefined)[],
  sentences: readonly [string, string, string],
): Drawn =>
  h(
    'section',
    { id: name, class: 'scene', 'aria-labelledby': `${name}-title`, key: name },
    h('h2', { id: `${name}-title` }, title),
    h('div', { class: 'seen' }, seen),
    h(
      'div',
      { class: 'told' },
      sentences.map((sentence) => h('p', {}, sentence)),
      h('p', { class: 'file' }, h('a', { href: addressOf(sources[name]) }, sources[name])),
    ),
  );

/** Which line is whose. */
export const keys = (pairs: readonly (readonly [name: string, words: string])[]): Drawn =>
  h(
    'p',
    { class: 'keys' },
    pairs.map(([name, words]) => h('span', { class: `key ${name}` }, words)),
  );

/** Numbers with their names. */
export const figures = (pairs: readonly (readonly [id: string, name: string, value: string])[]): Drawn =>
  h(
    'dl',
    { class: 'figures' },
    pairs.map(([id, name, value]) => h('div', { key: id }, h('dt', {}, name), h('dd', { id }, value))),
  );
