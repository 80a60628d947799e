// SPDX-License-Identifier: Apache-2.0
import { Sparkles } from "lucide-react";
import { t } from "@/lib/strings/detail";

/** Where the next action stands, once something recommends one. */
export function RecommendationPanel() {
  return (
    <section aria-label={t.detail.recommendation} className="flex items-start gap-3 rounded-xl border border-dashed border-mute px-5 py-4">
      <Sparkles aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
      <div>
        <h2 className="font-semibold">{t.detail.recommendation}</h2>
        <p className="text-sm text-soft">{t.detail.recommendationText}</p>
      </div>
    </section>
  );
}
