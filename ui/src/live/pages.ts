import type { InfiniteData, Query, QueryClient, QueryFunction, QueryKey } from "@tanstack/react-query";

interface Item { id?: unknown; run?: unknown; video?: unknown }
interface PageOfItems { items: readonly Item[]; next: string | null }
type Pages = InfiniteData<PageOfItems, string | null>;

/** The pages of a long list that is read page by page; null for whatever else a query reads, and for a list of one page, which is simply read again. */
export function pagesOf(query: Query): Pages | null {
  const data = query.state.data as Partial<Pages> | undefined;
  const pages = data?.pages;
  if (!Array.isArray(pages) || pages.length < 2 || !Array.isArray(data?.pageParams)) return null;
  return pages.every((one) => Array.isArray((one as Partial<PageOfItems>).items)) ? (data as Pages) : null;
}

function isAbout(item: Item, subjects: ReadonlySet<string>): boolean {
  return [item.id, item.run, item.video].some((one) => typeof one === "string" && subjects.has(one));
}

/**
 * Read the first page again, where what is new appears, and those that hold what events were about: not the fifty that somebody has scrolled through.
 *
 * A page that ends earlier than before, since new rows pushed others off its end, is read on to where the next one begins. Throws where that is too far.
 */
export async function rereadPages(queries: QueryClient, query: Query, subjects: ReadonlySet<string>): Promise<void> {
  const before = pagesOf(query);
  const ask = query.options.queryFn;
  if (before === null || typeof ask !== "function") return;
  const { pages, pageParams: params } = before;
  const read = async (pageParam: string | null) => (ask as QueryFunction<PageOfItems, QueryKey, string | null>)({ client: queries, queryKey: query.queryKey, signal: new AbortController().signal, meta: query.meta, pageParam, direction: "forward" });
  const reread = async (at: number) => {
    const next = pages[at + 1];
    const fresh = await read(params[at] ?? null);
    return next === undefined || fresh.next === params[at + 1] ? fresh : readOn(fresh, next, pages[at]?.next ?? null, read);
  };
  const fresh = await Promise.all(pages.map((page, at) => (at === 0 || page.items.some((item) => isAbout(item, subjects)) ? reread(at) : Promise.resolve(page))));
  queries.setQueryData(query.queryKey, (now: Pages | undefined) => (now?.pages.length === pages.length ? { pages: once(fresh), pageParams: params } : now));
}

async function readOn(page: PageOfItems, next: PageOfItems, cursor: string | null, read: (cursor: string) => Promise<PageOfItems>): Promise<PageOfItems> {
  const between = page.next === null ? null : await read(page.next);
  const known = new Set(next.items.map((one) => one.id));
  const end = between?.items.findIndex((one) => known.has(one.id)) ?? -1;
  if (between === null || end < 0) throw new Error("more has changed than lies between two pages");
  return { ...page, items: [...page.items, ...between.items.slice(0, end)], next: cursor };
}

/** Nothing twice: what moved to the front is not where it was any more. */
function once(pages: readonly PageOfItems[]): PageOfItems[] {
  const seen = new Set<unknown>();
  return pages.map((page) => ({
    ...page,
    items: page.items.filter(({ id }) => {
      if (id === undefined || !seen.has(id)) { seen.add(id); return true; }
      return false;
    }),
  }));
}
