import { type LiveEvent, read } from "./messages";

export type LiveState = "connecting" | "live" | "reconnecting" | "polling";

export interface SocketParts {
  /** A ticket for one socket; throws when nobody is signed in or the service does not answer. */
  ticket: () => Promise<string>;
  open: () => WebSocket;
  onState: (state: LiveState) => void;
  onEvent: (event: LiveEvent) => void;
  /** Something may have been missed: everything is to be read again. */
  onResync: () => void;
  /** Anything was heard: the data is as fresh as this moment. */
  onHeard: () => void;
  /** A number from 0 to 1, by which waits differ between tabs. */
  chance?: () => number;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const POLL_AFTER = 3;
const SILENCE = 2.5;

/** Keeps one socket open for as long as it is started: resumes behind the last event, backs off, and says when polling has to do. */
export class LiveSocket {
  private socket: WebSocket | null = null;
  private running = false;
  private failures = 0;
  private last: number | null = null;
  private silenceMs = 60_000;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: SocketParts) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.parts.onState("connecting");
    void this.connect();
  }

  stop(): void {
    this.running = false;
    this.last = null;
    this.failures = 0;
    clearTimeout(this.retryTimer);
    this.drop();
  }

  /** Try again at once: the network is back, or the page is looked at again. */
  nudge(): void {
    if (!this.running || this.socket !== null) return;
    clearTimeout(this.retryTimer);
    void this.connect();
  }

  private async connect(): Promise<void> {
    try {
      const ticket = await this.parts.ticket();
      if (!this.running || this.socket !== null) return;
      const socket = this.parts.open();
      this.socket = socket;
      socket.addEventListener("open", () => {
        socket.send(JSON.stringify({ type: "authenticate", ticket }));
      });
      socket.addEventListener("message", (event: MessageEvent<unknown>) => {
        if (socket === this.socket) this.hear(socket, event.data);
      });
      socket.addEventListener("close", () => {
        if (socket === this.socket) this.failed();
      });
      this.expectWords();
    } catch {
      this.failed();
    }
  }

  private hear(socket: WebSocket, text: unknown): void {
    const told = read(text);
    this.expectWords();
    this.parts.onHeard();
    switch (told.type) {
      case "ready":
        this.silenceMs = told.heartbeat_s * 1000 * SILENCE;
        socket.send(JSON.stringify({ type: "subscribe", topics: ["tenant", "system:alerts"], ...(this.last === null ? {} : { after: this.last }) }));
        // Between the last read and this socket things may have happened that nobody told.
        if (this.last === null) this.parts.onResync();
        this.last ??= told.last;
        this.failures = 0;
        this.parts.onState("live");
        break;
      case "event":
        this.last = told.id;
        this.parts.onEvent(told);
        break;
      case "resync":
        this.last = told.last;
        this.parts.onResync();
        break;
      default:
    }
  }

  private expectWords(): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      this.failed();
    }, this.silenceMs);
  }

  private failed(): void {
    this.drop();
    if (!this.running) return;
    this.failures += 1;
    this.parts.onState(this.failures >= POLL_AFTER ? "polling" : "reconnecting");
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.connect(), FIRST_WAIT_MS + (this.parts.chance ?? Math.random)() * most);
  }

  private drop(): void {
    clearTimeout(this.silenceTimer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
