import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";

import type { Versioned } from "@/api/client";
import type { VideoRow, VideoView } from "@/api/schema";

import type { Placed } from "./placed";
import { move, readForMove } from "./moves";
import { type Local, momentOf, moved, told } from "./zoned";

const APART_PX = 5;
const STEP_MIN = 15;

/** What is carried, from where, and where it would come down. */
export interface Carried {
  video: VideoRow;
  from: Local;
  to: Local;
  by: "pointer" | "keys";
}

interface Field {
  zone: string;
  /** Whether rows of the calendar are hours (a week) or weeks (a month). */
  hours: boolean;
  days: readonly string[];
  mayMove: boolean;
}

/** Where the pointer is: the day under it and, in a week, the quarter of an hour. */
function under(x: number, y: number, hours: boolean, from: Local, grabbed: number): Local | null {
  const day = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-day]");
  if (day?.dataset["day"] === undefined) return null;
  if (!hours) return { day: day.dataset["day"], minutes: from.minutes };
  const box = day.getBoundingClientRect();
  const at = Math.round((((y - grabbed - box.top) / box.height) * 1440) / STEP_MIN) * STEP_MIN;
  return { day: day.dataset["day"], minutes: Math.min(1440 - STEP_MIN, Math.max(0, at)) };
}

/** Videos are carried to another time with the pointer, or picked up with space, moved with arrows and dropped with space. */
export function useCarry({ zone, hours, days, mayMove }: Field) {
  const queries = useQueryClient();
  const [carried, setCarried] = useState<Carried | null>(null);
  const [said, say] = useState("");
  const read = useRef<Promise<Versioned<VideoView>> | null>(null);
  const pressed = useRef<{ x: number; y: number; grabbed: number; placed: Placed } | null>(null);
  const justDropped = useRef(false);

  const pickUp = ({ video, local }: Placed, by: Carried["by"]) => {
    read.current = readForMove(video.id);
    read.current.catch(() => undefined); // told when it is dropped
    setCarried({ video, from: local, to: local, by });
    say(`Picked up ${video.title || video.topic}, ${told(local)}. Arrows move it, space drops it, escape puts it back.`);
  };
  const putBack = () => {
    setCarried(null);
    if (carried !== null) say(`Put back to ${told(carried.from)}.`);
  };
  const dropAt = (one: Carried) => {
    setCarried(null);
    if (read.current === null || momentOf(one.to, zone) === momentOf(one.from, zone)) {
      say("It stays where it was.");
      return;
    }
    say(`Dropped on ${told(one.to)}.`);
    void move(queries, { video: one.video, to: momentOf(one.to, zone), words: `${told(one.to)} (${zone})` }, read.current);
  };
  useEffect(() => {
    if (carried?.by !== "pointer") return;
    const escape = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "Escape") return;
      pressed.current = null;
      setCarried(null);
    };
    window.addEventListener("keydown", escape);
    return () => { window.removeEventListener("keydown", escape); };
  }, [carried?.by]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>, placed: Placed) => {
    const mine = carried?.video.id === placed.video.id ? carried : null;
    if (event.key === " " && mayMove) {
      event.preventDefault();
      if (mine === null) pickUp(placed, "keys");
      else dropAt(mine);
    }
    if (mine === null) return;
    if (event.key === "Enter") {
      event.preventDefault();
      dropAt(mine);
    } else if (event.key === "Escape" || event.key === "Tab") {
      putBack();
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      event.stopPropagation();
      step(mine, event.key, event.shiftKey);
    }
  };
  const step = (one: Carried, key: string, far: boolean) => {
    const way = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    const across = key === "ArrowLeft" || key === "ArrowRight";
    const to = hours && !across ? moved(one.to, 0, way * (far ? 60 : STEP_MIN)) : moved(one.to, way * (across ? 1 : 7), 0);
    if (!days.includes(to.day)) {
      say("That is the edge of what is shown.");
      return;
    }
    setCarried({ ...one, to });
    say(told(to));
  };

  const pointer = {
    onPointerDown: (event: PointerEvent<HTMLElement>, placed: Placed) => {
      justDropped.current = false;
      if (!mayMove || event.button !== 0 || event.pointerType === "touch") return;
      pressed.current = { x: event.clientX, y: event.clientY, grabbed: event.clientY - event.currentTarget.getBoundingClientRect().top, placed };
      event.currentTarget.setPointerCapture?.(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const start = pressed.current;
      if (start === null) return;
      if (carried === null) {
        if (Math.hypot(event.clientX - start.x, event.clientY - start.y) >= APART_PX) pickUp(start.placed, "pointer");
        return;
      }
      const to = under(event.clientX, event.clientY, hours, carried.from, start.grabbed);
      if (to !== null && (to.day !== carried.to.day || to.minutes !== carried.to.minutes)) setCarried({ ...carried, to });
    },
    onPointerUp: () => {
      pressed.current = null;
      if (carried?.by !== "pointer") return;
      // The click that the drop ends with comes at once, and only where the card stayed.
      justDropped.current = true;
      setTimeout(() => { justDropped.current = false; }, 0);
      dropAt(carried);
    },
    onPointerCancel: () => {
      pressed.current = null;
      if (carried?.by === "pointer") putBack();
    },
    /** What is dropped is not opened. */
    onClick: (event: { preventDefault: () => void }) => {
      if (justDropped.current) event.preventDefault();
    },
  };
  return { carried, said, onKeyDown, pointer };
}

export type Carry = ReturnType<typeof useCarry>;
