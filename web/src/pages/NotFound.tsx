// SPDX-License-Identifier: Apache-2.0
import { Compass } from "lucide-react";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings";
import { ButtonLink } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";

export default function NotFound() {
  return (
    <div className="mx-auto flex max-w-xl flex-col items-start pt-[12vh]">
      <Compass aria-hidden className="mb-4 size-10 text-accent" />
      <PageHeader title={t.errors.notFound} about={t.errors.notFoundHint} />
      <ButtonLink to={paths.overview} variant="primary">
        {t.actions.goHome}
      </ButtonLink>
    </div>
  );
}
