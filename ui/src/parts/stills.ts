/** Frames of a film, drawn one after another by one hidden player: nothing is made or stored for them. */

interface Wish {
  at: number;
  canvas: HTMLCanvasElement;
}

const WIDTH = 320;

export class Stills {
  private readonly player = document.createElement("video");
  private readonly wishes: Wish[] = [];
  private busy = false;

  constructor(src: string) {
    this.player.muted = true;
    this.player.preload = "metadata";
    this.player.src = src;
    this.player.addEventListener("seeked", this.draw);
    this.player.addEventListener("loadedmetadata", this.next);
    this.player.addEventListener("error", () => { this.wishes.length = 0; });
  }

  /** Draw the frame at a time into a canvas as soon as its turn comes. */
  want(at: number, canvas: HTMLCanvasElement): void {
    this.wishes.push({ at, canvas });
    if (!this.busy) this.next();
  }

  end(): void {
    this.wishes.length = 0;
    this.player.removeEventListener("seeked", this.draw);
    this.player.removeEventListener("loadedmetadata", this.next);
    this.player.removeAttribute("src");
  }

  private readonly next = (): void => {
    const wish = this.wishes[0];
    this.busy = wish !== undefined && this.player.readyState >= HTMLMediaElement.HAVE_METADATA;
    if (wish !== undefined && this.busy) this.player.currentTime = wish.at;
  };

  private readonly draw = (): void => {
    const wish = this.wishes.shift();
    if (wish !== undefined && this.player.videoWidth > 0) {
      wish.canvas.width = WIDTH;
      wish.canvas.height = Math.round((WIDTH * this.player.videoHeight) / this.player.videoWidth);
      wish.canvas.getContext("2d")?.drawImage(this.player, 0, 0, wish.canvas.width, wish.canvas.height);
      wish.canvas.dataset["drawn"] = "true";
    }
    this.next();
  };
}
