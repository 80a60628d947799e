// SPDX-License-Identifier: Apache-2.0
import { t } from "@/lib/strings/upload";
import { Card } from "@/ui/Card";
import { SelectField } from "@/ui/Field";
import { Progress } from "@/ui/Progress";
import { Counts } from "./Counts";
import { Problems } from "./Problems";
import { Rows } from "./Rows";
import type { Decision, Upload } from "./api";

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
      {!running && check && (
        <>
          <Problems check={check} decision={decision} onChange={onChange} />
          <Rows upload={upload} check={check} decision={decision} onChange={onChange} />
        </>
      )}
    </div>
  );
}
