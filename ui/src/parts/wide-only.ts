/** For what a row leaves out in a narrow window, since the page behind it tells that as well. */
export const WIDE_ONLY = { display: { xs: "none", md: "block" } } as const;
