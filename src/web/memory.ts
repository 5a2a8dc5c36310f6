/** What is drawn anew, and what is left as it was? A picture is a value: where what it shows is the same, so is the picture. */

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
 * A function that remembers its last answer, and gives it again where the parts of the whole that it shows are the same. Where pictures
 * of a frame took long the last answer is given once more: so many pictures, and those within one, are changed over some frames, and none
 * is held up.
 */
export const byParts = <A, B>(
  parts: (whole: A) => readonly unknown[],
  make: (whole: A) => B,
): ((whole: A) => B) => {
  let last: { readonly parts: readonly unknown[] | undefined; readonly made: B } | undefined;
  return (whole) => {
    const own = parts(whole);
    if (last !== undefined && last.parts?.every((one, i) => one === own[i])) return last.made;
    if (last !== undefined && performance.now() - frame.began > patience) {
      frame.waits = true;
      return last.made;
    }
    const { waits } = frame;
    frame = { ...frame, waits: false };
    const made = make(whole);
    // Where something in it waits, it is not yet of these parts.
    last = { parts: frame.waits ? undefined : own, made };
    frame.waits ||= waits;
    return made;
  };
};
