// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { setShortcutsOn, shortcutsOn } from "@/lib/shortcuts";
import { t } from "@/lib/strings";
import { Dialog } from "@/ui/Dialog";
import { Checkbox } from "@/ui/Field";
import { Kbd } from "@/ui/Kbd";

/** Keys that follow each other are one entry with "then". */
const groups = () => [
  {
    title: t.shortcuts.everywhere,
    keys: [
      ["Ctrl+K", t.shortcuts.palette],
      ["/", t.shortcuts.search],
      ["?", t.shortcuts.help],
      ["g o", t.shortcuts.goOverview],
      ["g q", t.shortcuts.goQueue],
      ["g l", t.shortcuts.goLeads],
      ["g m", t.shortcuts.goModel],
      ["g u", t.shortcuts.goUpload],
      ["Esc", t.shortcuts.close],
    ],
  },
  {
    title: t.shortcuts.inTable,
    keys: [
      ["j", t.shortcuts.down],
      ["k", t.shortcuts.up],
      ["x", t.shortcuts.select],
      ["Enter", t.shortcuts.open],
      ["e", t.shortcuts.edit],
    ],
  },
  {
    title: t.shortcuts.inQueue,
    keys: [
      ["j", t.shortcuts.down],
      ["k", t.shortcuts.up],
      ["Enter", t.shortcuts.open],
      ["1", t.shortcuts.good],
      ["2", t.shortcuts.wasHot],
      ["3", t.shortcuts.junk],
    ],
  },
];

function Keys({ keys }: { keys: string }) {
  const parts = keys.split(" ");
  return (
    <span className="flex shrink-0 items-center gap-1">
      {parts.map((k, i) => (
        <span key={i} className="flex items-center gap-1">
          {i > 0 && <span className="text-sm text-soft">{t.shortcuts.then}</span>}
          {k.split("+").map((part) => (
            <Kbd key={part}>{part}</Kbd>
          ))}
        </span>
      ))}
    </span>
  );
}

export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(shortcutsOn);
  return (
    <Dialog open onOpenChange={onClose} title={t.shortcuts.title} shape="wide">
      <div className="gap-x-10 sm:columns-2">
        {groups().map((g) => (
          <section key={g.title} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-sm font-semibold text-soft">{g.title}</h3>
            <dl>
              {g.keys.map(([keys, label]) => (
                <div key={keys} className="flex items-center justify-between gap-4 border-b py-1.5 last:border-b-0">
                  <dt>{label}</dt>
                  <dd>
                    <Keys keys={keys!} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Checkbox
        label={t.shortcuts.switch}
        checked={on}
        onChange={(e) => {
          setOn(e.target.checked);
          setShortcutsOn(e.target.checked);
        }}
      />
    </Dialog>
  );
}
