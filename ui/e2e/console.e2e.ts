import { CHROMIUM } from "./browser";
import { endOfItsLife, lifeOfAVideo } from "./life";
import { whatIsMeasured } from "./measures";
import { everyScreen } from "./screens";
import { BRIEF, Stage } from "./stage";
import { everyState } from "./states";

describe.skipIf(CHROMIUM === "")("the console over a real stack", () => {
  let open: Stage | undefined;
  const stage = () => {
    if (open === undefined) throw new Error("the stack is not up");
    return open;
  };

  beforeAll(async () => { open = await Stage.open(); });
  afterAll(async () => { await open?.close(); });

  describe("the life of a video", () => { lifeOfAVideo(stage); });
  describe.skipIf(BRIEF)("every screen", () => { everyScreen(stage); });
  describe("the end of its life", () => { endOfItsLife(stage); });
  describe("what may go wrong", () => { everyState(stage); });
  describe.skipIf(BRIEF)("what is measured", () => { whatIsMeasured(stage); });
});

test.skipIf(CHROMIUM !== "")("left out: this machine has no Chromium (set CHROMIUM to one, or install the package chromium)", () => undefined);
