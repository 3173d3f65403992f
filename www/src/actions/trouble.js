// What went wrong, for reading.
// @ts-check

/** @param {unknown} error */
export const sentence = (error) => (error instanceof Error ? error.message : String(error));
