// SPDX-License-Identifier: Apache-2.0
import { Columns3 } from "lucide-react";
import { lazy, Suspense } from "react";
import { t } from "@/lib/strings";
import { Button } from "@/ui/Button";
import { Popover } from "@/ui/Popover";
import { SkeletonLines } from "@/ui/states";

const Chooser = lazy(() => import("./Chooser"));

export function ColumnChooser() {
  return (
    <Popover
      align="end"
      label={t.leads.columnsTitle}
      button={
        <Button icon={Columns3}>
          <span className="max-sm:sr-only">{t.leads.columns}</span>
        </Button>
      }
    >
      {() => (
        <Suspense fallback={<SkeletonLines lines={9} />}>
          <Chooser />
        </Suspense>
      )}
    </Popover>
  );
}
