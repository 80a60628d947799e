// SPDX-License-Identifier: Apache-2.0
import { Compass } from "lucide-react";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings";
import { ButtonLink } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";
import { EmptyState } from "@/ui/states";

export default function NotFound() {
  return (
    <div className="mx-auto max-w-xl pt-10">
      <PageHeader title={t.errors.notFound} heading={<span className="sr-only">{t.errors.notFound}</span>} />
      <EmptyState
        icon={Compass}
        title={t.errors.notFound}
        action={
          <ButtonLink to={paths.overview} variant="primary">
            {t.actions.goHome}
          </ButtonLink>
        }
      >
        {t.errors.notFoundHint}
      </EmptyState>
    </div>
  );
}
