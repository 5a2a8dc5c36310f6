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

/** Milliseconds of a frame after which further pictures wait for the next one. */
const patience = 8;

let frame = { began: 0, waits: false };

/** A frame begins. */
export const frameBegins = (): void => {
  frame = { began: performance.now(), waits: false };
};

/** Whether a picture of this frame is one of before, and the next frame has to draw it. */
export const somethingWaits = (): boolean => frame.waits;

/**
 * The same of what is made from a whole, by the parts of it that it shows. Where pictures of a frame took long the last answer is given
 * once more: so many pictures are changed over some frames, and none is held up.
 */
export const byParts = <A, B>(
  parts: (whole: A) => readonly unknown[],
  make: (whole: A) => B,
): ((whole: A) => B) => {
  let last: { readonly parts: readonly unknown[]; readonly made: B } | undefined;
  return (whole) => {
    const own = parts(whole);
    if (last !== undefined && own.every((one, i) => one === last?.parts[i])) return last.made;
    if (last !== undefined && performance.now() - frame.began > patience) {
      frame.waits = true;
      return last.made;
    }
    last = { parts: own, made: make(whole) };
    return last.made;
  };
};
