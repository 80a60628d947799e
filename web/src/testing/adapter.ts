// SPDX-License-Identifier: Apache-2.0
// axios over whatever globalThis.fetch is now, which testing/server.ts replaces for each test.
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, CanceledError } from "axios";

export const adapter: AxiosAdapter = async (config) => {
  const url = new URL(axios.getUri(config), "http://localhost");
  const headers = Object.fromEntries(Object.entries(AxiosHeaders.from(config.headers).toJSON()).map(([k, v]) => [k, String(v)]));
  const body = config.data === undefined || config.data === null ? undefined : config.data as BodyInit;
  let reply: Response;
  try {
    reply = await fetch(url, { method: config.method?.toUpperCase(), headers, body });
  } catch (e) {
    throw new AxiosError(String(e), AxiosError.ERR_NETWORK, config);
  }
  if (config.signal?.aborted) throw new CanceledError();
  const text = await reply.text();
  const json = /json/.test(reply.headers.get("content-type") ?? "");
  const response = {
    data: json && text ? (JSON.parse(text) as unknown) : text,
    status: reply.status,
    statusText: reply.statusText,
    headers: AxiosHeaders.from(Object.fromEntries(reply.headers)),
    config,
  };
  if (reply.ok) return response;
  throw new AxiosError(`status ${reply.status}`, AxiosError.ERR_BAD_RESPONSE, config, undefined, response);
};
