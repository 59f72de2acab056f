/** The files that `init` writes: settings with every default said in a comment, and a first workflow. */

/** `checks`: how the project is tested, as argv. */
export function firstWorkflow(checks: readonly (readonly string[])[]): string {
  const [first = ['npm', 'test']] = checks;
  const argv = first.map((word) => JSON.stringify(word)).join(', ');
  return `# A first workflow: two searches, two short questions, one answer. It changes nothing and runs no command.
#
#   whaleflow run first-look --mock      the shape of it: no model, no cost
#   whaleflow run first-look             with your model
#   whaleflow plan first-look            what it may do at most
#
# More: whaleflow workflows, whaleflow docs builtins

marks = search("marks", "\\\\b(TODO|FIXME|XXX|HACK)\\\\b", regex = True, case_sensitive = True, max_matches = 60)
readme = search("readme", "\\\\S", regex = True, files = ["README*", "docs/README*"], max_matches = 60)

NOTES = {
    "type": "object",
    "properties": {
        "purpose": {"type": "string", "maxLength": 600},
        "first_steps": {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 300}},
    },
    "required": ["purpose", "first_steps"],
}

purpose = ask(
    "purpose",
    "What is this project for, and how does somebody new to it begin? Its readme: {{inputs.readme.matches}}",
    inputs = {"readme": {"node": "readme", "optional": True}},
    output = NOTES,
)
debts = ask(
    "debts",
    "Which of these marks matter most, and why? Name at most five, with their files. {{inputs.marks.matches}}",
    inputs = {"marks": {"node": "marks", "optional": True}},
)

workflow(
    id = "first-look",
    goal = "Tell somebody new to this repository where to begin",
    budget = {"max_leaves": 8, "max_tokens": 200000},
    nodes = [
        branch("survey", [marks, readme]),
        branch("questions", [purpose, debts]),
        reduce("report", "Write ten lines for somebody new to this repository: {{inputs.purpose}} {{inputs.debts}}", [purpose, debts]),
    ],
)

# The next step: let an agent change something in a worktree of its own, and let tests decide.
#
#   fix = agent("fix", "Mend …", agent_type = "implementer", mode = "read_write")
#   tests = test("tests", [${argv}])
`;
}

export const projectConfig = `# WhaleFlow settings of this repository. They count once somebody has typed \`whaleflow trust\`, and they can
# only tighten what each person's own settings allow: whaleflow config ls --show-origin

[ceilings]
max_usd = 5            # dollars a run may cost
# max_tokens = 2000000
# max_leaves = 1000
# max_minutes = 60

# [concurrency]
# model = 8            # model leaves at work at once
# command = 2          # commands and searches

# [sandbox]
# mode = "strict"      # commands and searches reach the tree, and no more

# Who answers which role is each person's own business (\`whaleflow providers add\`), unless you say it here:
# [roles]
# default = "PROVIDER:MODEL"
`;

/** Settings of one person, and runs, are not committed. */
export const projectIgnore = '/config.local.toml\n/state/\n';
