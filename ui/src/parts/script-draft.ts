import { useMemo, useState } from "react";

import type { BeatView, ScriptView } from "@/api/schema";

export interface Draft {
  title: string;
  beats: BeatView[];
}

export interface Editing {
  draft: Draft;
  /** Sentences whose words differ. */
  changed: number;
  differs: boolean;
  /** Nothing in it is empty. */
  whole: boolean;
  setTitle: (title: string) => void;
  setHeading: (beat: string, heading: string) => void;
  setText: (sentence: string, text: string) => void;
}

function same(beats: readonly BeatView[], other: readonly BeatView[]): boolean {
  return JSON.stringify(beats) === JSON.stringify(other);
}

/** A script as somebody changes it. */
export function useScriptDraft(script: ScriptView): Editing {
  const [draft, setDraft] = useState<Draft>({ title: script.title, beats: script.beats });
  const texts = useMemo(() => new Map(script.beats.flatMap((beat) => beat.sentences).map((one) => [one.id, one.text])), [script]);
  const sentences = draft.beats.flatMap((beat) => beat.sentences);
  const write = (change: (beat: BeatView) => BeatView) => { setDraft(({ title, beats }) => ({ title, beats: beats.map(change) })); };
  return {
    draft,
    changed: sentences.filter((one) => texts.get(one.id) !== one.text).length,
    differs: draft.title !== script.title || !same(draft.beats, script.beats),
    whole: draft.title.trim() !== "" && draft.beats.every((beat) => beat.heading.trim() !== "") && sentences.every((one) => one.text.trim() !== ""),
    setTitle: (title) => { setDraft(({ beats }) => ({ title, beats })); },
    setHeading: (id, heading) => { write((beat) => (beat.id === id ? { ...beat, heading } : beat)); },
    setText: (id, text) => { write((beat) => ({ ...beat, sentences: beat.sentences.map((one) => (one.id === id ? { ...one, text } : one)) })); },
  };
}
