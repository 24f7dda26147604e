import { LiveSocket, type LiveState } from "./live-socket";

class FakeSocket extends EventTarget {
  readonly sent: unknown[] = [];
  closed = false;
  send(text: string): void { this.sent.push(JSON.parse(text)); }
  close(): void { this.closed = true; }
  say(told: unknown): void { this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(told) })); }
  end(): void { this.dispatchEvent(new Event("close")); }
}

function setUp(ticket: () => Promise<string> = () => Promise.resolve("ticket-1")) {
  const sockets: FakeSocket[] = [];
  const states: LiveState[] = [];
  const events: number[] = [];
  let resyncs = 0;
  const live = new LiveSocket({
    ticket,
    open: () => {
      const made = new FakeSocket();
      sockets.push(made);
      return made as unknown as WebSocket;
    },
    onState: (state) => states.push(state),
    onEvent: (event) => events.push(event.id),
    onResync: () => { resyncs += 1; },
    onHeard: () => undefined,
    chance: () => 0.5,
  });
  return { live, sockets, states, events, resyncs: () => resyncs };
}

const READY = { type: "ready", last: 40, heartbeat_s: 20 };
const EVENT = { type: "event", at: "2026-11-29T10:00:00Z", kind: "approval.accepted", subject: "a", channel: null, run: null, alert: false, data: {} };

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

test("it brings a ticket first, then asks for its topics", async () => {
  const { live, sockets, states, resyncs } = setUp();
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  sockets[0]?.dispatchEvent(new Event("open"));
  sockets[0]?.say(READY);
  expect(sockets[0]?.sent).toEqual([{ type: "authenticate", ticket: "ticket-1" }, { type: "subscribe", topics: ["tenant", "system:alerts"] }]);
  expect(states).toEqual(["connecting", "live"]);
  expect(resyncs()).toBe(1);
  live.stop();
});

test("after a break it goes on behind the last event it saw", async () => {
  const { live, sockets, states, events, resyncs } = setUp();
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  sockets[0]?.say(READY);
  sockets[0]?.say({ ...EVENT, id: 41 });
  sockets[0]?.end();
  await vi.advanceTimersByTimeAsync(2_000);
  sockets[1]?.say({ ...READY, last: 50 });
  expect(sockets[1]?.sent).toContainEqual({ type: "subscribe", topics: ["tenant", "system:alerts"], after: 41 });
  expect(events).toEqual([41]);
  expect(resyncs()).toBe(1);
  expect(states).toEqual(["connecting", "live", "reconnecting", "live"]);
  live.stop();
});

test("a socket that has gone silent is left for another", async () => {
  const { live, sockets } = setUp();
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  sockets[0]?.say(READY);
  await vi.advanceTimersByTimeAsync(45_000);
  sockets[0]?.say({ type: "heartbeat", last: 40 });
  expect(sockets[0]?.closed).toBe(false);
  await vi.advanceTimersByTimeAsync(55_000);
  expect(sockets[0]?.closed).toBe(true);
  expect(sockets.length).toBeGreaterThan(1);
  live.stop();
});

test("while none can be had the page polls, and tries at most every half minute", async () => {
  let asked = 0;
  const { live, states } = setUp(() => {
    asked += 1;
    return Promise.reject(new Error("down"));
  });
  live.start();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(states.at(-1)).toBe("polling");
  const before = asked;
  await vi.advanceTimersByTimeAsync(120_000);
  expect(asked - before).toBeGreaterThanOrEqual(4);
  expect(asked - before).toBeLessThanOrEqual(12);
  live.stop();
});

test("what was missed for good is read again, and what is not understood is left alone", async () => {
  const { live, sockets, resyncs } = setUp();
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  sockets[0]?.say(READY);
  sockets[0]?.say({ type: "resync", last: 90, why: "too_old" });
  sockets[0]?.say({ type: "song" });
  sockets[0]?.dispatchEvent(new MessageEvent("message", { data: "no json" }));
  expect(resyncs()).toBe(2);
  live.stop();
});
