/** Under which a window keeps which channel it is in: it goes there again after it was loaded anew. */
export const KEPT = "aviary.call";
