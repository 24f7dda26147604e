import { useCallback, useState, useSyncExternalStore } from "react";

export interface Span {
  id: string;
  start_s: number;
  end_s: number;
}

/** A moment into a scene, so that its first frame is past the cut. */
const INTO_S = 0.02;

/** Where a film is at, for everything on a page that goes with it: each part is drawn again only when what it shows changes. */
export class Playhead {
  private film: HTMLVideoElement | null = null;
  private at = 0;
  private readonly listeners = new Set<() => void>();

  readonly attach = (film: HTMLVideoElement | null): void => {
    this.film = film;
  };

  readonly now = (): number => this.at;

  readonly tell = (): void => {
    this.at = this.film?.currentTime ?? 0;
    for (const one of this.listeners) one();
  };

  readonly listen = (heard: () => void): (() => void) => {
    this.listeners.add(heard);
    return () => { this.listeners.delete(heard); };
  };

  readonly seek = (at: number): void => {
    if (this.film === null) return;
    this.film.currentTime = at + INTO_S;
    this.tell();
  };

  readonly play = (): void => {
    // Browsers refuse until somebody has used the page; then the film stands at its place.
    void Promise.resolve(this.film?.play()).catch(() => undefined);
  };

  readonly toggle = (): void => {
    if (this.film?.paused === false) this.film.pause();
    else this.play();
  };
}

export function usePlayhead(): Playhead {
  return useState(() => new Playhead())[0];
}

/** The id of what is shown or said now; null before, between and after. */
export function useAt(playhead: Playhead, spans: readonly Span[]): string | null {
  const read = useCallback(() => spanAt(spans, playhead.now())?.id ?? null, [playhead, spans]);
  return useSyncExternalStore(playhead.listen, read);
}

/** The time in whole tenths of a second. */
export function useTime(playhead: Playhead): number {
  const read = useCallback(() => Math.round(playhead.now() * 10) / 10, [playhead]);
  return useSyncExternalStore(playhead.listen, read);
}

export function spanAt<T extends Span>(spans: readonly T[], at: number): T | undefined {
  return spans.find((one) => at >= one.start_s && at < one.end_s);
}
