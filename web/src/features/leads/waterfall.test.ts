// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { Explanation } from "@/lib/types";
import { span, waterfall } from "./waterfall";

const reason = (points: number, text = `t${points}`) => ({ column: "c", text, points, probability: points / 100 });
const score = (over: Partial<Explanation>): Explanation => ({
  heat: "hot", score: 87, probability: 0.87, bands: { hot: 1, warm: 0, cold: 0 }, confidence: 1, model: "v1", reasons: [], ...over,
});

describe("the waterfall of reasons", () => {
  it("ends at the score, each line beginning where the one before ended", () => {
    const steps = waterfall(score({
      base: { points: 24, probability: 0.24 }, average: { points: 0, probability: 0 },
      reasons: [reason(50), reason(-7)], rest: { points: 20, probability: 0.2 },
    }));
    expect(steps.map((s) => s.key)).toEqual(["base", "r0", "r1", "rest", "sum"]);
    for (const [i, s] of steps.slice(1, -1).entries()) expect(s.from).toBe(steps[i]!.to);
    expect(steps.at(-2)!.to).toBe(87);
  });

  it("makes one line of reasons that read the same, and orders by what they add", () => {
    const steps = waterfall(score({
      base: { points: 24, probability: 0.24 }, reasons: [reason(7), reason(5, "days between"), reason(-6), reason(3, "days between")], rest: { points: 54, probability: 0.54 },
    }));
    expect(steps.map((s) => s.points)).toEqual([24, 8, 7, -6, 54, 87]);
    expect(steps.at(-2)!.to).toBe(87);
  });

  it("shows a gap rather than hiding it", () => {
    const steps = waterfall(score({ base: { points: 24, probability: 0.24 }, reasons: [reason(50)] }));
    expect(steps.find((s) => s.key === "gap")?.points).toBe(13);
  });

  it("makes room below nought", () => {
    const steps = waterfall(score({ score: 2, base: { points: 5, probability: 0.05 }, reasons: [reason(-9)], rest: { points: 6, probability: 0 } }));
    expect(span(steps)).toEqual({ low: -4, high: 5 });
  });
});
