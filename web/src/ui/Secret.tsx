// SPDX-License-Identifier: Apache-2.0
import { Copy } from "lucide-react";
import { useState } from "react";
import { t } from "@/lib/strings";
import { Button } from "./Button";

/** Something to copy that is shown once: a key, a link, a code. */
export function Secret({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false); // Not allowed: it can still be selected.
    }
  }
  return (
    <div>
      <p className="mb-1 text-sm font-medium">{label}</p>
      <div className="flex items-start gap-2">
        <code className="foreign min-w-0 flex-1 rounded-lg border bg-sunken px-3 py-2 font-mono text-sm select-all">{text}</code>
        <Button icon={Copy} onClick={() => void copy()} aria-live="polite">
          {copied ? t.actions.copied : t.actions.copy}
        </Button>
      </div>
    </div>
  );
}
