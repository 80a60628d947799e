// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { DEFAULT_COLUMNS } from "./fields";
import { asked, cleared, nextSort, readColumns, readFilters, readSort, toggleValue, withFilters, writeColumns } from "./query";

const at = (text: string) => new URLSearchParams(text);

describe("the list's address", () => {
  it("tells filters from what the server and the page know besides", () => {
    const p = at("q=ada&sort=-value&cols=heat&view=v1&heat=hot,warm&value[gte]=1000&attr.Page views[gt]=5&attr.a[b]=x");
    expect(readFilters(p)).toEqual([
      { field: "heat", op: "eq", value: "hot,warm" },
      { field: "value", op: "gte", value: "1000" },
      { field: "attr.Page views", op: "gt", value: "5" },
      { field: "attr.a[b]", op: "eq", value: "x" },
    ]);
  });

  it("asks the server the same for the same, whatever the order, and never how it is shown", () => {
    const a = asked(at("value[gte]=1&heat=hot&cols=heat&density=compact&view=x&sort=-score"));
    const b = asked(at("heat=hot&value[gte]=1"));
    expect(a.toString()).toBe(b.toString());
    expect(asked(at("q=%20%20")).toString()).toBe("");
  });

  it("switches single values of a choice", () => {
    const one = toggleValue(at("q=x"), "heat", "hot");
    expect(one.toString()).toBe("q=x&heat=hot");
    const two = toggleValue(one, "heat", "cold");
    expect(two.get("heat")).toBe("hot,cold");
    expect(toggleValue(toggleValue(two, "heat", "hot"), "heat", "cold").toString()).toBe("q=x");
  });

  it("keeps words, order and columns when filters change, and clears words with the filters", () => {
    const p = at("q=ada&sort=name&cols=heat&source=Web");
    expect(withFilters(p, []).toString()).toBe("q=ada&sort=name&cols=heat");
    expect(cleared(p).toString()).toBe("sort=name&cols=heat");
  });

  it("sorts figures best first, words from A, and turns round on the second click", () => {
    expect(readSort(at(""))).toEqual({ id: "score", desc: true });
    expect(nextSort(at(""), "value", true)).toBe("-value");
    expect(nextSort(at(""), "name", false)).toBe("name");
    expect(nextSort(at("sort=name"), "name", false)).toBe("-name");
  });

  it("remembers columns whose headers hold commas, and says nothing of the usual ones", () => {
    const columns = ["heat", "attr.City, Country", "attr.a\\b\\", "attr.\\,", "score"];
    expect(readColumns(writeColumns(at(""), columns))).toEqual(columns);
    expect(writeColumns(at("cols=heat"), DEFAULT_COLUMNS).has("cols")).toBe(false);
  });
});
