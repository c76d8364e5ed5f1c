// What Flamenco's Manager gives to a job compiler script, by its documentation, for node:
//   node flamenco_stub.js SCRIPT.js < settings.json > job.json
// The settings are checked as the Manager's API checks them, and as in the Manager a task
// is copied when it is added: what is told to it later is lost.
"use strict";
const fs = require("fs");
const vm = require("vm");

const TYPES = {
    string: (v) => typeof v === "string",
    int32: (v) => Number.isInteger(v) && Math.abs(v) < 2 ** 31,
    float: (v) => typeof v === "number",
    bool: (v) => typeof v === "boolean",
};
// What a worker can do, and what else it wants of the one that is used here.
const COMMANDS = new Set(["echo", "sleep", "exec", "blender-render", "frames-to-video",
    "make-directory", "move-directory", "copy-file"]);
const SETTING_KEYS = new Set(["key", "type", "subtype", "choices", "propargs", "description",
    "label", "default", "eval", "evalInfo", "visible", "required", "editable"]);
const SUBTYPES = new Set([undefined, "file_path", "dir_path", "file_name", "byte_string",
    "hashed_file_path"]);
const VISIBLE = new Set([undefined, true, false, "visible", "hidden", "submission", "web"]);

function fail(text) {
    process.stderr.write(text + "\n");
    process.exit(1);
}

function explode(range) {
    const frames = new Set();
    for (const part of range.replaceAll("..", "-").split(",")) {
        const ends = part.split("-").map((s) => {
            if (!/^\s*\d+\s*$/.test(s)) throw `invalid range "${range}"`;
            return parseInt(s, 10);
        });
        if (ends.length > 2) throw `invalid range "${range}"`;
        for (let f = ends[0]; f <= ends[ends.length - 1]; f++) frames.add(f);
    }
    return [...frames].sort((a, b) => a - b);
}

// One frame is "7", two are "7,8", more are "7-9".
function merge(frames) {
    const parts = [];
    let from = frames[0];
    frames.forEach((frame, i) => {
        if (frames[i + 1] === frame + 1) return;
        if (from === frame) parts.push(`${from}`);
        else if (from + 1 === frame) parts.push(`${from}`, `${frame}`);
        else parts.push(`${from}-${frame}`);
        from = frames[i + 1];
    });
    return parts.join(",");
}

function frameChunker(range, size) {
    if (!Number.isInteger(size) || size < 1) throw `invalid chunk size: ${size}`;
    const frames = explode(range.trim());
    const chunks = [];
    for (let i = 0; i < frames.length; i += size) chunks.push(merge(frames.slice(i, i + size)));
    return chunks;
}

let count = 0;
class Task {
    constructor(name, type) {
        if (!name || !name.trim() || !type) throw "author.Task(name, type): both are required";
        Object.assign(this, { uuid: `task-${count++}`, name, type, commands: [], dependencies: [] });
    }
    addCommand(command) {
        if (!(command instanceof Command)) throw "addCommand wants an author.Command";
        this.commands.push(command);
    }
    addDependency(task) {
        if (!(task instanceof Task)) throw "addDependency wants an author.Task";
        this.dependencies.push(task.uuid);
    }
}
class Command {
    constructor(name, parameters) {
        if (!COMMANDS.has(name)) throw `no worker knows the command "${name}"`;
        const words = name === "exec" ? [parameters.exe, ...parameters.args] : [];
        if (!words.every((word) => typeof word === "string")) throw "exec wants texts";
        Object.assign(this, { name, parameters });
    }
}

const job = { tasks: [] };
const author = { Task: (n, t) => new Task(n, t), Command: (n, p) => new Command(n, p) };
const base = (p) => p.split(/[\\/]/).pop();
const globals = {
    author, frameChunker, print: () => {}, alert: () => {},
    formatTimestampLocal: () => "2022-07-28_121018",
    path: {
        basename: base,
        dirname: (p) => p.replace(/[\\/][^\\/]*$/, ""),
        join: (...parts) => parts.join("/"),
        stem: (p) => base(p).replace(/\.[^.]*$/, ""),
    },
};
const context = vm.createContext(globals);
// `const` of a script is no property of its global object: the Manager looks them up by name.
const code = fs.readFileSync(process.argv[2], "utf8");
vm.runInContext(`${code}\n;globalThis.found = { JOB_TYPE, compileJob };`, context);
const { JOB_TYPE, compileJob } = context.found;

const submitted = JSON.parse(fs.readFileSync(0, "utf8"));
if (typeof JOB_TYPE.label !== "string") fail("JOB_TYPE has no label");
const known = {};
for (const setting of JOB_TYPE.settings) {
    for (const key of Object.keys(setting)) {
        if (!SETTING_KEYS.has(key)) fail(`setting ${setting.key}: unknown ${key}`);
    }
    if (!TYPES[setting.type]) fail(`setting ${setting.key}: unknown type ${setting.type}`);
    if (!SUBTYPES.has(setting.subtype)) fail(`setting ${setting.key}: unknown subtype`);
    if (!VISIBLE.has(setting.visible)) fail(`setting ${setting.key}: unknown visibility`);
    if ("default" in setting && !TYPES[setting.type](setting.default)) {
        fail(`setting ${setting.key}: its default is no ${setting.type}`);
    }
    known[setting.key] = setting;
    if (!(setting.key in submitted) && "default" in setting) {
        submitted[setting.key] = setting.default;
    }
}
for (const [key, value] of Object.entries(submitted)) {
    if (!known[key]) fail(`unknown setting ${key}`);
    if (!TYPES[known[key].type](value)) fail(`setting ${key}: ${value} is no ${known[key].type}`);
}
job.settings = submitted;
job.created = new Date(0);
job.addTask = (task) => {
    if (!(task instanceof Task)) throw "addTask wants an author.Task";
    job.tasks.push(JSON.parse(JSON.stringify(task)));
};
try {
    compileJob(job);
} catch (error) {
    fail(typeof error === "string" ? error : `${error.stack}`);
}
const added = new Set(job.tasks.map((t) => t.uuid));
for (const task of job.tasks) {
    for (const uuid of task.dependencies) {
        if (!added.has(uuid)) fail(`task ${task.name} depends on one that was never added`);
    }
}
process.stdout.write(JSON.stringify(job));
