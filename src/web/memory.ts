/** What is drawn anew, and what is left as it was? A picture is a value: where what it shows is the same, so is the picture. */

/** A function that remembers its last answer, and gives it again where all that it is given is the same. */
export const remembered = <A extends readonly unknown[], B>(
  make: (...given: A) => B,
): ((...given: A) => B) => {
  let last: { readonly given: A; readonly made: B } | undefined;
  return (...given) => {
    if (last === undefined || !given.every((one, i) => one === last?.given[i]))
      last = { given, made: make(...given) };
    return last.made;
  };
};

/** The same of what is made from a whole, by the parts of it that it shows. */
export const byParts = <A, B>(
  parts: (whole: A) => readonly unknown[],
  make: (whole: A) => B,
): ((whole: A) => B) => {
  let last: { readonly parts: readonly unknown[]; readonly made: B } | undefined;
  return (whole) => {
    const own = parts(whole);
    if (last === undefined || !own.every((one, i) => one === last?.parts[i]))
      last = { parts: own, made: make(whole) };
    return last.made;
  };
};
