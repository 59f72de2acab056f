/** The workflow `diagnose`: looks at any repository and says what is wrong and what to do; it changes nothing. */
export const diagnose: string = String.raw`# Looks at a repository, whatever its language, and gives a diagnosis with evidence and a plan, before any
# code is written. Nothing is changed and no command runs: searches and agents that can only read.

FINDINGS = {
    "type": "object",
    "properties": {
        "summary": {"type": "string", "maxLength": 2000},
        "findings": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {
                    "claim": {"type": "string", "maxLength": 600},
                    "file": {"type": "string"},
                    "line": {"type": "integer", "minimum": 1},
                    "severity": {"enum": ["high", "medium", "low"]},
                    "confidence": {"enum": ["seen", "likely", "guess"]},
                },
                "required": ["claim", "severity", "confidence"],
            },
        },
    },
    "required": ["summary", "findings"],
}

DIAGNOSIS = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "maxLength": 4000},
        "languages": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
        "health": {"enum": ["good", "fair", "poor", "unknown"]},
        "problems": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {
                    "title": {"type": "string", "maxLength": 200},
                    "cause": {"type": "string", "maxLength": 1000},
                    "severity": {"enum": ["high", "medium", "low"]},
                    "confidence": {"enum": ["seen", "likely", "guess"]},
                    "evidence": {
                        "type": "array",
                        "maxItems": 10,
                        "items": {
                            "type": "object",
                            "properties": {
                                "file": {"type": "string"},
                                "line": {"type": "integer", "minimum": 1},
                                "says": {"type": "string", "maxLength": 400},
                            },
                            "required": ["file"],
                        },
                    },
                },
                "required": ["title", "cause", "severity", "confidence", "evidence"],
            },
        },
        "plan": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {
                    "step": {"type": "string", "maxLength": 600},
                    "why": {"type": "string", "maxLength": 600},
                    "files": {"type": "array", "maxItems": 30, "items": {"type": "string"}},
                    "verify": {"type": "string", "maxLength": 300},
                    "size": {"enum": ["small", "medium", "large"]},
                },
                "required": ["step", "why", "verify", "size"],
            },
        },
        "open_questions": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
    },
    "required": ["answer", "languages", "health", "problems", "plan", "open_questions"],
}

# How projects of many languages say what they are and how they are built and tested.
BUILD_FILES = [
    "**/%s" % name
    for name in [
        "package.json", "tsconfig.json", "deno.json", "pyproject.toml", "setup.py", "requirements*.txt",
        "Cargo.toml", "go.mod", "pom.xml", "build.gradle*", "*.csproj", "*.sln", "Gemfile", "composer.json",
        "mix.exs", "CMakeLists.txt", "Makefile", "meson.build", "configure.ac", "*.cabal", "dune-project",
        "Package.swift", "build.sbt", "Dockerfile", "*.nix", "README*", ".github/workflows/*.yml",
    ]
]

builds = search("builds", "\\S", regex = True, files = BUILD_FILES, max_matches = 80, label = "what it is made of")
tests = search(
    "tests",
    "\\b(test|describe|it)\\(|\\bdef test_|\\bfunc Test|#\\[(tokio::)?test\\]|@Test\\b|\\bTEST(_F)?\\(|\\bRSpec\\.|\\bassert",
    regex = True,
    max_matches = 120,
    label = "what is tested",
)
marks = search("marks", "\\b(TODO|FIXME|XXX|HACK|BUG)\\b", regex = True, case_sensitive = True, max_matches = 120, label = "marks that people left")
conflicts = search("conflicts", "^(<{7}|>{7}) ", regex = True, max_matches = 20, label = "merge conflicts in files")

SURVEY = {
    "builds": {"node": "builds", "optional": True},
    "tests": {"node": "tests", "optional": True},
    "marks": {"node": "marks", "optional": True},
    "conflicts": {"node": "conflicts", "optional": True},
}

LOOK = ["read_file", "list_files", "search"]

QUESTION = """The question that all of this is for:
{{params.question}}

What searches found (lines are cut, lists have limits):
build files and what stands in them: {{inputs.builds}}
tests: {{inputs.tests.files}}
marks left in the code: {{inputs.marks.matches}}
unresolved merge conflicts: {{inputs.conflicts.files}}
"""

def explorer(id, label, prompt):
    return agent(
        id,
        QUESTION + "\n" + prompt + """

Read what you need, not everything: a large repository is sampled. Say "seen" only of what you have read,
with its file and line. An empty list of findings is a good answer where there is nothing.""",
        agent_type = "explore",
        tools = LOOK,
        max_turns = 24,
        inputs = SURVEY,
        output = FINDINGS,
        label = label,
        retry = {"max_attempts": 2},
    )

explorers = branch(
    "explore",
    [
        explorer("shape", "what it is and how it hangs together", "Find out what this is: its languages, its parts and how they depend on each other, how it is built, run and tested. Name what is inconsistent, dead or missing."),
        explorer("defects", "what is wrong in it", "Look for what is wrong: bugs, broken error handling, races, unsafe input, wrong documentation. Begin with what the question names, then with what the searches point at."),
        explorer("safety-net", "what would catch a mistake", "Find out what would catch a mistake: tests, types, linters, CI. Name behaviour that matters and that nothing checks, and tests that check nothing."),
    ],
)

diagnosis = agent(
    "diagnosis",
    """Answer this question about the repository in front of you, and plan what to do. Write no code.
{{params.question}}

Others have looked; what they say are claims, and some may be wrong:
shape: {{inputs.shape}}
defects: {{inputs.defects}}
safety net: {{inputs.safety-net}}
merge conflicts: {{inputs.conflicts.files}}

Check in the files what your diagnosis rests on, and leave out what you cannot find there. Each problem has
its evidence by file and line. The plan has small steps in the order in which they should be done, each with
the command or observation that shows that it is done. What only a person can say is an open question.""",
    agent_type = "plan",
    tools = LOOK,
    max_turns = 24,
    inputs = {
        "shape": {"node": "shape", "optional": True},
        "defects": {"node": "defects", "optional": True},
        "safety-net": {"node": "safety-net", "optional": True},
        "conflicts": {"node": "conflicts", "optional": True},
    },
    output = DIAGNOSIS,
    label = "diagnosis and plan",
    retry = {"max_attempts": 2},
)

workflow(
    id = "diagnose",
    goal = "Say what is wrong in this repository and plan what to do about it, before any code is written",
    description = "Changes nothing and runs no command. Gives languages, health, problems with evidence, and a plan.",
    params = {
        "type": "object",
        "properties": {
            "question": {
                "type": "string",
                "default": "What is wrong here, and what should be done next?",
                "description": "what to find out",
            },
        },
    },
    permissions = {},
    budget = {"max_leaves": 16, "max_tokens": 1500000, "max_steps": 300, "max_ms": 1800000},
    nodes = [
        branch("survey", [builds, tests, marks, conflicts]),
        explorers,
        diagnosis,
    ],
)
`;
