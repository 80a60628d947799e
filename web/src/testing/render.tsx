// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { MemoryRouter, useLocation } from "react-router";

function Where({ tell }: { tell: (address: string) => void }) {
  const { pathname, search } = useLocation();
  tell(pathname + search);
  return null;
}

/** Renders with a router and a query cache of its own. address() is where the user is. */
export function renderApp(ui: ReactElement, { at = "/" }: { at?: string } = {}) {
  let address = at;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  const user = userEvent.setup();
  const view = render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={[at]}>
        <Where tell={(a) => (address = a)} />
        {ui}
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return { ...view, user, queries, address: () => address };
}
