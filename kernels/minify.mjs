// WGSL of the same meaning in fewer bytes: no comments, no blanks, short names. kernels/embed.mjs embeds it.
//
//   kept      override constants, and functions that nothing in their file calls: `main`, and what pointwise.wgsl is for
//   renamed   other names of a module to A, B, …, members of its structs to c, d, …, the names in a function to a, b, …:
//             in the order of declaration, which makes kernels alike, so that together they compress well
//   lines     stay: compilers tell the kernel and the line, which is that of its file, though they quote the short names
//
// It knows what of WGSL the kernels use, and goes by names: all that one function calls x has one short name there.
// Throws an Error where a function declares a name of the module, since it would not tell the two apart.

/** What a text is made of, each with the line breaks before it. */
const tokensOf = (text) => {
  const short = text.replace(/\/\/.*/g, '').replace(/\b(vec[234])<([fiu])32>/g, '$1$2');
  let breaks = 0;
  return (short.match(/\n|[A-Za-z_]\w*|\d[\w.]*|--|&&|[^\s\w]/g) ?? []).flatMap((token) => {
    if (token === '\n') {
      breaks++;
      return [];
    }
    const one = { token, breaks };
    breaks = 0;
    return [one];
  });
};

const isName = (token) => /^[A-Za-z_]/.test(token);

/* A member that is called as components of a vector are stays: behind a dot it is not known which it is. */
const isSwizzle = (name) => /^(?:[xyzw]{1,4}|[rgba]{1,4})$/.test(name);

/* Words of WGSL that are as short. */
const isWord = (name) => ['as', 'do', 'fn', 'if', 'of'].includes(name);

/** Short names, from a letter on, for what is added. */
const shortNames = (first, isTaken = isWord) => {
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(first.charCodeAt(0) + i));
  const free = [...letters, ...letters.flatMap((a) => letters.map((b) => a + b))].filter(
    (name) => !isTaken(name),
  );
  const given = new Map();
  return {
    add: (name) => given.set(name, given.get(name) ?? free[given.size]),
    get: (name) => given.get(name),
  };
};

/** The name of each token, as it was or short. */
const namesOf = (file, tokens) => {
  const at = (i) => tokens[i]?.token ?? '';
  const members = shortNames('a', (name) => isWord(name) || isSwizzle(name));
  const module = shortNames('A');
  const declared = []; // of the module
  const called = new Set();
  const scopes = []; // of each token: none, 'struct', or the short names of its function
  const locals = new Set();
  let depth = 0;
  let scope;
  let spaced = false; // in the < > of var<storage, read>
  tokens.forEach(({ token }, i) => {
    if (token === '(' || token === '{') depth++;
    if (token === ')' || token === '}') depth--;
    if (depth === 0 && token === 'struct') scope = token;
    if (depth === 0 && token === 'fn') scope = shortNames('a');
    scopes.push(scope);
    if (depth === 0 && token === '}') scope = undefined;
    if (token === '<' && at(i - 1) === 'var') spaced = true;
    const variable = ['let', 'const', 'var'].includes(at(i - 1)) || (spaced && at(i - 1) === '>');
    if (at(i - 1) === '>') spaced = false;
    if (!isName(token)) return;
    if (at(i - 1) !== 'fn' && at(i + 1) === '(') called.add(token);
    const typed = depth === 1 && at(i + 1) === ':';
    if (scope === undefined ? variable : ['struct', 'fn'].includes(at(i - 1)))
      declared.push({ name: token, isFunction: at(i - 1) === 'fn' });
    else if (scope === 'struct' && typed && !isSwizzle(token)) members.add(token);
    else if (typeof scope === 'object' && (variable || typed)) {
      scope.add(token);
      locals.add(token);
    }
  });
  for (const { name, isFunction } of declared) {
    if (locals.has(name))
      throw new Error(`kernels/${file}: a function declares ${name}, a name of the module; rename one`);
    if (!isFunction || called.has(name)) module.add(name);
  }
  return tokens.map(({ token }, i) => {
    if (!isName(token) || at(i - 1) === '@' || at(i - 2) === 'builtin') return token;
    const scope = scopes[i];
    if (at(i - 1) === '.' || (scope === 'struct' && at(i + 1) === ':')) return members.get(token) ?? token;
    return (typeof scope === 'object' ? scope.get(token) : undefined) ?? module.get(token) ?? token;
  });
};

/** The text of a kernel's file, minified. */
export const minified = (file, text) => {
  const tokens = tokensOf(text);
  const names = namesOf(file, tokens);
  return tokens
    .map(({ breaks }, i) => {
      const name = names[i];
      const before = names[i - 1] ?? '';
      if (name === ',' && [')', '}'].includes(names[i + 1])) return '\n'.repeat(breaks);
      if (breaks > 0) return '\n'.repeat(breaks) + name;
      const merges =
        (/\w$/.test(before) && /^\w/.test(name)) || ('-&'.includes(name) && before.endsWith(name));
      return merges ? ` ${name}` : name;
    })
    .join('');
};
