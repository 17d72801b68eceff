/** Where an archive is when none is named. */
export const defaultFolder = "sparkpost-events";
