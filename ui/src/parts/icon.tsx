import SvgIcon, { type SvgIconProps } from "@mui/material/SvgIcon";

/** Our own line icons on a grid of 24, drawn with one stroke. */
const SHAPES = {
  home: "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-5h4v5",
  inbox: "M4 13l3-8h10l3 8v6H4zM4 13h5l1.5 2.5h3L15 13h5",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4",
  run: "M4 17l5-5 3.5 3.5L20 8M15 8h5v5",
  trend: "M4 19V9M9.3 19V5M14.6 19v-7M20 19v-4",
  channel: "M5 6h14v10H5zM9 20h6M12 16v4",
  task: "M9 6h11M9 12h11M9 18h11M4 6l1 1 1.5-2M4 12l1 1 1.5-2M4 18l1 1 1.5-2",
  chart: "M4 4v16h16M8 15l3-4 3 2 5-7",
  money: "M12 3v18M16.5 7.2C15.6 6 14 5.5 12 5.5c-2.6 0-4.3 1.2-4.3 3.1 0 4.4 9 2.2 9 6.7 0 2-1.9 3.2-4.6 3.2-2.3 0-4-.8-4.8-2.3",
  alarm: "M12 4l9 15.5H3zM12 10v4M12 16.8v.2",
  memory: "M12 4c4.4 0 8 1.3 8 3s-3.600 3-8 3-8-1.300-8-3 3.600-3 8-3zM4 7v10c0 1.700 3.600 3 8 3s8-1.300 8-3V7M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3",
  system: "M4 5h16v6H4zM4 13h16v6H4zM7.500 8h.100M7.500 16h.100M11 8h6M11 16h6",
  search: "M10.500 4a6.500 6.500 0 110 13 6.500 6.500 0 010-13zM15.500 15.500L20 20",
  stop: "M8.200 3h7.600L21 8.200v7.600L15.800 21H8.200L3 15.800V8.200zM9 9l6 6M15 9l-6 6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  cross: "M6 6l12 12M18 6L6 18",
  clock: "M12 3.500a8.500 8.500 0 110 17 8.500 8.500 0 010-17zM12 8v4.300l3 1.700",
  play: "M7 4.500v15l12-7.500z",
  pause: "M8 5v14M16 5v14",
  hand: "M8 12V6.500a1.500 1.500 0 013 0V11M11 11V5a1.500 1.500 0 013 0v6M14 11V6.500a1.500 1.500 0 013 0V14c0 4-2 6.500-5.500 6.500-3 0-4.500-1.500-6-4.500l-1.700-3.300a1.400 1.400 0 012.400-1.400L8 13",
  edit: "M4 20l1-4L16.500 4.500l3 3L8 19zM14 7l3 3",
  reply: "M9 6L4 11l5 5M4 11h9c4 0 6.500 2.500 6.500 7",
  dots: "M5.500 12h.100M12 12h.100M18.500 12h.100",
  menu: "M4 7h16M4 12h16M4 17h16",
  fold: "M5 5h14v14H5zM9.500 5v14",
  sun: "M12 8a4 4 0 110 8 4 4 0 010-8zM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M5.600 18.400l1.100-1.100M17.300 6.700l1.100-1.100",
  moon: "M19.500 14.500A8 8 0 019.500 4.500a8 8 0 1010 10z",
  out: "M10 5H5v14h5M10 12h10M16.500 8.500L20 12l-3.500 3.500",
  user: "M12 4a4 4 0 110 8 4 4 0 010-8zM4.500 20c.600-4 3.500-6 7.500-6s6.900 2 7.500 6",
  keys: "M3 7h18v10H3zM7 11h.100M10.300 11h.100M13.600 11h.100M17 11h.100M8 14h8",
  link: "M14 5h5v5M19 5l-8 8M17 13.500V19H5V7h5.500",
  plus: "M12 5v14M5 12h14",
  undo: "M8 5L4 9l4 4M4 9h10a5.500 5.500 0 010 11h-4",
  refresh: "M19.500 12a7.500 7.500 0 11-2.200-5.300L20 9.400M20 4.500v5h-5",
  down: "M6 9.500l6 6 6-6",
  calendar: "M4 6h16v14H4zM4 10.500h16M8.500 3.500V8M15.500 3.500V8",
  eye: "M3 12c2-4 5.200-6 9-6s7 2 9 6c-2 4-5.200 6-9 6s-7-2-9-6zM12 9.500a2.500 2.500 0 110 5 2.500 2.500 0 010-5z",
  eyeShut: "M3 12c2-4 5.200-6 9-6s7 2 9 6c-2 4-5.200 6-9 6s-7-2-9-6zM4.500 19.500l15-15",
  shield: "M12 3.500l7.500 3V12c0 4.500-3 7.300-7.500 8.500C7.500 19.300 4.500 16.500 4.500 12V6.500z",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, ...rest }: { name: IconName } & Omit<SvgIconProps, "children">) {
  return (
    <SvgIcon fontSize="small" {...rest} viewBox="0 0 24 24" aria-hidden>
      <path d={SHAPES[name]} fill="none" stroke="currentColor" strokeWidth={1.7} strokeLinecap="round" strokeLinejoin="round" />
    </SvgIcon>
  );
}
