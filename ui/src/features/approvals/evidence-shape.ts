import type { Evidence } from "@/api/schema";

/** Parts of the evidence that the schema leaves open; what does not fit is shown as missing rather than guessed. */

export interface Passage {
  id: string;
  text: string;
  title: string;
  publisher: string;
  url: string;
  licence: string;
  credit: string;
}

export interface Sentence {
  id: string;
  text: string;
  role: string;
  passages: Passage[];
}

export interface Script {
  title: string;
  sentences: Sentence[];
}

export interface Thumbnail {
  url: string;
  concept: string;
  text: string;
  score: number;
}

export interface Listing {
  title: string;
  description: string;
  tags: string[];
  privacy: string;
  publish_at: string | null;
  contains_synthetic_media: boolean;
  made_for_kids: boolean;
  category: string;
}

export function scriptOf(evidence: Evidence): Script | null {
  const script = evidence.script as Partial<Script> | null;
  return script !== null && typeof script.title === "string" && Array.isArray(script.sentences) ? (script as Script) : null;
}

export function thumbnailsOf(evidence: Evidence): Thumbnail[] {
  return (evidence.thumbnails as Partial<Thumbnail>[]).filter((one): one is Thumbnail => typeof one.url === "string");
}

export function listingOf(evidence: Evidence): Listing | null {
  const listing = (evidence.manifest as { listing?: Partial<Listing> } | null)?.listing;
  return listing !== undefined && typeof listing.title === "string" ? (listing as Listing) : null;
}
