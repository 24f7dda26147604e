import { useEffect, useRef } from "react";
import { create } from "zustand";

/** What a key does here. `keys` is one key (`j`), or two after each other (`g a`). */
export interface Shortcut {
  keys: string;
  does: string;
  run: () => void;
}

interface Group {
  id: number;
  name: string;
  shortcuts: readonly Shortcut[];
}

const PAIR_WITHIN_MS = 1_200;
export const useShortcutGroups = create<{ groups: readonly Group[] }>()(() => ({ groups: [] }));
let next = 1;
let pending: { key: string; at: number } | null = null;

/** Let keys act while the caller is on the page, and show them in the sheet. Nothing acts while somebody types or a dialog is open. */
export function useShortcuts(name: string, shortcuts: readonly Shortcut[]): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  const told = JSON.stringify(shortcuts.map(({ keys, does }) => [keys, does]));
  useEffect(() => {
    const id = next++;
    const pairs = JSON.parse(told) as [string, string][];
    const held = pairs.map(([keys, does], at): Shortcut => ({ keys, does, run: () => current.current[at]?.run() }));
    useShortcutGroups.setState(({ groups }) => ({ groups: [...groups, { id, name, shortcuts: held }] }));
    return () => {
      useShortcutGroups.setState(({ groups }) => ({ groups: groups.filter((one) => one.id !== id) }));
    };
  }, [name, told]);
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, [role=textbox], [role=combobox], [role=listbox], [role=menu]") !== null);
}

function isForSomebodyElse(event: KeyboardEvent): boolean {
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("[role=dialog]") !== null;
}

/** Run what a key press stands for; the last that asked for a key has it. */
export function onKey(event: KeyboardEvent): void {
  if (isForSomebodyElse(event)) return;
  const single = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const pair = pending !== null && event.timeStamp - pending.at < PAIR_WITHIN_MS ? `${pending.key} ${single}` : "";
  const known = useShortcutGroups.getState().groups.flatMap((group) => group.shortcuts).reverse();
  const found = known.find((one) => one.keys === pair) ?? known.find((one) => one.keys === single);
  pending = found === undefined ? { key: single, at: event.timeStamp } : null;
  if (found === undefined) return;
  event.preventDefault();
  found.run();
}
