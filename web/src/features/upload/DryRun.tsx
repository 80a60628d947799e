// SPDX-License-Identifier: Apache-2.0
import { CircleCheck } from "lucide-react";
import { number } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import { Card } from "@/ui/Card";
import { SelectField } from "@/ui/Field";
import { Progress } from "@/ui/Progress";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { Counts } from "./Counts";
import type { Decision, Upload, UploadCheck } from "./api";

interface Props {
  upload: Upload;
  decision: Decision;
  running: boolean;
  onChange: (d: Decision) => void;
}

/** What the import would do, tried on the whole file without writing anything. */
export function DryRun({ upload, decision, running, onChange }: Props) {
  const check = upload.check;
  return (
    <div className="flex flex-col gap-5">
      <Card title={t.upload.checkTitle} about={t.upload.checkAbout}>
        {running || !check ? (
          <div role="status">
            <Progress label={t.upload.checking} value={upload.progress} />
            <p className="mt-2 text-sm text-soft">{t.upload.checking}</p>
          </div>
        ) : (
          <>
            <Counts
              items={[
                [t.upload.create, check.create],
                [t.upload.update, check.update],
                [t.upload.unchanged, check.unchanged],
                [t.upload.reject, check.reject],
              ]}
            />
            {check.key && <p className="mt-4 text-base text-soft">{t.upload.matchedBy(t.upload.keys[check.key] ?? check.key)}</p>}
            <SelectField
              label={t.upload.mode}
              value={decision.mode}
              onChange={(e) => onChange({ ...decision, mode: e.target.value as Decision["mode"] })}
              className="mt-4 max-w-sm"
            >
              <option value="upsert">{t.upload.modeUpsert}</option>
              <option value="update_only">{t.upload.modeUpdate}</option>
            </SelectField>
          </>
        )}
      </Card>
      {!running && check && <Problems check={check} />}
    </div>
  );
}

function Problems({ check }: { check: UploadCheck }) {
  const problems = check.problems ?? [];
  if (problems.length === 0)
    return (
      <p className="flex items-center gap-2 text-base text-good">
        <CircleCheck aria-hidden className="size-4" /> {t.upload.noProblems}
      </p>
    );
  return (
    <Card title={t.upload.problems} flush>
      <Table
        caption={t.upload.problems}
        head={
          <>
            <Th>{t.upload.column}</Th>
            <Th numeric>{t.upload.count}</Th>
            <Th>{t.upload.found}</Th>
            <Th>{t.upload.fix}</Th>
          </>
        }
      >
        {problems.map((p, i) => (
          <Tr key={i}>
            <Td>
              <span className="foreign font-medium">{p.column ?? ""}</span>
              {p.line !== undefined && <span className="block text-sm text-soft">{t.upload.line(p.line)}</span>}
            </Td>
            <Td numeric>{p.count !== undefined ? number(p.count) : ""}</Td>
            <Td className="foreign max-w-80">
              {p.detail ?? p.found}
              {p.detail && p.found && <code className="foreign mt-1 block font-mono text-sm text-soft">{p.found}</code>}
              {p.expected && (
                <span className="block text-sm text-soft">
                  {t.upload.expected}: {p.expected}
                </span>
              )}
            </Td>
            <Td className="foreign max-w-72 text-sm">{p.fix}</Td>
          </Tr>
        ))}
      </Table>
    </Card>
  );
}
