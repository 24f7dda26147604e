import createCache, { type EmotionCache } from "@emotion/cache";

const TELLS = /^(display|visibility|opacity|pointer-events):/;
/** jsdom gives no style of pseudo-elements, and points at nothing. */
const NEVER_MET = /::|:hover|:active/;

/**
 * Of every style only what a test can tell: whether something is there, and can be pointed at.
 *
 * For each element that is looked for, jsdom matches every rule of the page anew: with all of MUI's rules that took more than half of the time of all tests.
 */
export function pageStyles(): EmotionCache {
  return createCache({
    key: "css",
    stylisPlugins: [(element) => {
      if (element.type !== "rule" || !Array.isArray(element.children)) return;
      const met = !Array.isArray(element.props) || !element.props.every((selector) => NEVER_MET.test(selector));
      element.children = met ? element.children.filter((child) => child.type !== "decl" || TELLS.test(child.value)) : [];
      if (element.children.length === 0) element.type = "comm";
    }],
  });
}
