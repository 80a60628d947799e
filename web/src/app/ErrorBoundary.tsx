// SPDX-License-Identifier: Apache-2.0
import { RotateCw, TriangleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { t } from "@/lib/strings";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/states";

interface Props {
  /** A new value clears the failure: the address, so that going elsewhere works. */
  resetKey: string;
  children: ReactNode;
}

/** A page that throws, or whose code is gone after an upgrade of the server, leaves the rest standing. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(before: Props) {
    if (before.resetKey !== this.props.resetKey && this.state.failed) this.setState({ failed: false });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div role="alert">
        <EmptyState
          icon={TriangleAlert}
          title={t.errors.broken}
          action={
            <Button variant="primary" icon={RotateCw} onClick={() => window.location.reload()}>
              {t.errors.reload}
            </Button>
          }
        >
          {t.errors.brokenHint}
        </EmptyState>
      </div>
    );
  }
}
