import { currentToken } from "./access";
import { asProblem, offline, Problem } from "./problem";
import type { FilmView, UploadView } from "./schema";

type Told = (part: number) => void;

/** Send a document or captions; `told` hears which part of it has gone, from 0 to 1. */
export function sendUpload(file: File, told: Told, signal: AbortSignal): Promise<UploadView> {
  return send("/v1/uploads", file, told, signal);
}

/** Send a finished film, which may be a gigabyte. */
export function sendFilm(file: File, told: Told, signal: AbortSignal): Promise<FilmView> {
  return send("/v1/films", file, told, signal);
}

/** By XMLHttpRequest: fetch does not say how far an upload is. */
async function send<T>(path: string, file: File, told: Told, signal: AbortSignal): Promise<T> {
  const token = await currentToken();
  const form = new FormData();
  form.set("file", file, file.name);
  return new Promise<T>((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    if (token !== null) request.setRequestHeader("authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => { told(total > 0 ? loaded / total : 0); };
    request.onload = () => {
      try {
        const body: unknown = JSON.parse(request.responseText);
        if (request.status >= 200 && request.status < 300) done(body as T);
        else failed(new Problem(request.status, typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {}, `The service answered ${String(request.status)}.`));
      } catch (error) {
        failed(asProblem(error));
      }
    };
    request.onerror = () => { failed(offline()); };
    request.onabort = () => { failed(new DOMException("It was left.", "AbortError")); };
    signal.addEventListener("abort", () => { request.abort(); }, { once: true });
    request.send(form);
  });
}
