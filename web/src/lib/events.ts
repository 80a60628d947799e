// SPDX-License-Identifier: Apache-2.0
// Server-sent events with polling as the fallback, for everything that takes a while.
import { useEffect, useRef } from "react";
import { apiUrl } from "@/lib/client";

interface Follow<T> {
  /** Below /api/v1; null follows nothing. */
  url: string | null;
  event: string;
  onData: (data: T) => void;
  /** Asked every few seconds while the stream is down. */
  poll: () => void;
  pollMs?: number;
}

export function useServerEvents<T>({ url, event, onData, poll, pollMs = 2000 }: Follow<T>) {
  const latest = useRef({ onData, poll });
  useEffect(() => {
    latest.current = { onData, poll };
  });
  useEffect(() => {
    if (!url) return;
    let timer: ReturnType<typeof setInterval> | undefined;
    const startPolling = () => {
      timer ??= setInterval(() => latest.current.poll(), pollMs);
    };
    const stopPolling = () => {
      clearInterval(timer);
      timer = undefined;
    };
    if (typeof EventSource === "undefined") {
      startPolling();
      return stopPolling;
    }
    const source = new EventSource(apiUrl(url));
    source.addEventListener("open", stopPolling);
    source.addEventListener("error", startPolling);
    source.addEventListener(event, (e) => {
      try {
        latest.current.onData(JSON.parse((e as MessageEvent<string>).data) as T);
      } catch {
        // A torn event says nothing; the next one or the poll does.
      }
    });
    return () => {
      source.close();
      stopPolling();
    };
  }, [url, event, pollMs]);
}
