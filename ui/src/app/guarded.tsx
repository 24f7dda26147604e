import { type ReactNode, Suspense } from "react";

import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { useSession } from "@/session/session-store";

/** Shows a screen to whoever may see it, and says who can to whoever may not. */
export function Guarded({ permission, children }: { permission: string; children: ReactNode }) {
  const may = useSession((session) => session.permissions.has(permission));
  const role = useSession((session) => session.user?.role);
  if (!may) {
    return (
      <Page title="Not allowed">
        <EmptyView icon="shield" title="Your role does not show this">
          You are {role ?? "nobody"} here, and this needs the permission {permission}. An admin of the studio can change your role.
        </EmptyView>
      </Page>
    );
  }
  return <Suspense fallback={<Page title="Loading"><LoadingView rows={6} /></Page>}>{children}</Suspense>;
}
