// An address that names nothing here.

import { Link } from "../routing/link.tsx";
import { Empty } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";

export function UnknownPage() {
  return (
    <>
      <PageHead title="There is no such page" tabTitle="No such page" />
      <Empty title="The address names nothing in this console">
        <p>
          It may be cut off or from another version. <Link to={{ page: "start" }}>Go to the start</Link> or{" "}
          <Link to={{ page: "runs", status: "" }}>to the runs</Link>.
        </p>
      </Empty>
    </>
  );
}
