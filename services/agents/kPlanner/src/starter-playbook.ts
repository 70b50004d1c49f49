// What `kai playbooks new` begins with: a playbook that runs, with the words one needs explained beside them.

import { KosError } from "@kos/klp";
import { isPlaybookName } from "./playbook.ts";

/** Errors: BAD_REQUEST for a name that is none. */
export function starterPlaybook(name: string, title?: string): string {
  if (!isPlaybookName(name))
    throw new KosError("BAD_REQUEST", `"${name.slice(0, 80)}" is no name of a playbook: use small letters, digits and dashes.`);
  return `# A playbook is a plan with typed parameters. Change this one, then:  kai playbooks check ${name}   kai run ${name} --path .
# What capabilities there are, and what they take and give:  kai capabilities [NAME]
playbook: 1
name: ${name} # the file is called ${name}.yaml
version: 1.0.0
title: ${JSON.stringify(title ?? name)}
description: Lists a folder and says how many files it holds. Say here what one gets.

# Each becomes an option of kai run. Types: string integer number boolean path list object.
params:
  path: { type: path, required: true, description: The folder to look at. }
  max_files: { type: integer, default: 100000, minimum: 1, description: More files than this are an error. }

# \${params.x} is a parameter, filled in when the plan is made.
goal: Count the files of \${params.path}

tasks:
  - task_id: scan
    title: List the files
    capability: fs.scan
    params:
      path: \${params.path}
      max_files: \${params.max_files}
    # What must hold of the result (CEL); else it is done again, then a person is asked.
    review:
      criteria:
        - kind: assert
          expression: output.files_total <= \${params.max_files}
          message: There are more files than allowed

  # \${scan.files_total} is a result of the task above, filled in when it is there; the order follows from it.
  - task_id: note
    title: Write it down
    capability: artifact.put
    params:
      name: ${name}.json
      media_type: application/json
      json: { path: "\${params.path}", files: "\${scan.files_total}", bytes: "\${scan.bytes_total}" }

# What a run gives back, and which of it is shown at its end.
output:
  files: \${scan.files_total}
  bytes: \${scan.bytes_total}
  numbers: \${note.artifact}
report:
  outputs: [numbers]
`;
}
