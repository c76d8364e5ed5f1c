// SPDX-License-Identifier: GPL-3.0-or-later
//
// A Flamenco 3 job type: one song becomes one video, its frames rendered in chunks
// by many workers and joined with the sound. docs/RENDERING.md tells how to use it.
//
// Put this file into the folder `scripts` beside the flamenco-manager program.
// Songs, outputs, the work folder and Audio2Pose lie on the shared storage, under paths
// that every worker can read (two-way variables translate them between platforms).

const JOB_TYPE = {
    label: "Audio2Pose: a dance to a song",
    description: "Makes the dance to a song, renders it in chunks and joins them with the sound",
    settings: [
        { key: "song", type: "string", subtype: "file_path", required: true,
          description: "The song: wav, flac, ogg, mp3, m4a ... or a video" },
        { key: "output", type: "string", subtype: "file_path", required: true,
          description: "The video, .mp4; or a folder for pictures" },
        { key: "frames", type: "int32", required: true, propargs: { min: 1 },
          description: "Frames of the whole song; more than there are do no harm" },
        { key: "chunk_size", type: "int32", default: 300, propargs: { min: 1 },
          visible: "submission",
          description: "Frames in one task; a start of Blender takes some seconds" },
        { key: "options", type: "string", default: "", required: false,
          description: "More options of render.py, as on a command line: --style=pop --seed=3" },
        { key: "work", type: "string", subtype: "dir_path", default: "", required: false,
          description: "Where motion and frames are kept; by default beside the output" },
        { key: "script", type: "string", subtype: "file_path", required: true,
          description: "scripts/render.py of Audio2Pose on the shared storage" },
        { key: "program", type: "string", default: "{blender}", required: false,
          visible: "submission", description: "Blender, or a Python that has bpy" },
        { key: "is_python", type: "bool", default: false, required: false,
          visible: "submission", description: "The program is a Python, not Blender" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    if (!(settings.frames >= 1)) {
        throw `Audio2Pose: ${settings.frames} frames; give those of the whole song`;
    }
    for (const key of ["song", "output", "script"]) {
        if (!settings[key]) {
            throw `Audio2Pose: the setting "${key}" is empty`;
        }
    }
    // Kept with the job, so that it can be seen later where its frames lie.
    settings.work = settings.work || settings.output + ".work";

    const motion = authorTask(settings, "motion");
    job.addTask(motion);

    const join = authorTask(settings, "join");
    for (const range of frameChunker(`1-${settings.frames}`, settings.chunk_size || 300)) {
        // Flamenco writes two frames as "7,8" and one as "7"; render.py wants first and last.
        const ends = range.split(/[-,]/);
        const chunk = authorTask(settings, `${ends[0]}-${ends[ends.length - 1]}`);
        chunk.addDependency(motion);
        join.addDependency(chunk);
        job.addTask(chunk);
    }
    // Last: the Manager copies a task when it is added, its dependencies with it.
    job.addTask(join);
}

// One run of render.py. Whatever is there already it does not make again, so a task that
// is tried once more, by another worker too, goes on where it was.
function authorTask(settings, part) {
    const start = settings.is_python
        ? [settings.script]
        : ["-b", "--python-exit-code", "3", "--python", settings.script, "--"];
    const task = author.Task(`${path.stem(settings.song)} ${part}`, "blender");
    task.addCommand(author.Command("exec", {
        exe: settings.program || "{blender}",
        args: start.concat(
            ["--audio", settings.song, "--output", settings.output],
            ["--work", settings.work, "--part", part],
            splitWords(settings.options || "")
        ),
    }));
    return task;
}

// The words of a command line: spaces part them, '…' and "…" keep them together,
// a backslash takes what follows as it is (within '…' it is a backslash).
function splitWords(text) {
    const words = [];
    let word = "", begun = false, quote = "";
    for (let i = 0; i < text.length; i++) {
        const letter = text[i];
        if (quote) {
            if (letter === quote) {
                quote = "";
            } else if (letter === "\\" && quote === '"' && '"\\'.includes(text[i + 1])) {
                word += text[++i];
            } else {
                word += letter;
            }
        } else if (letter === "'" || letter === '"') {
            quote = letter;
            begun = true;
        } else if (letter === "\\" && i + 1 < text.length) {
            word += text[++i];
            begun = true;
        } else if (/\s/.test(letter)) {
            if (begun) {
                words.push(word);
            }
            word = "";
            begun = false;
        } else {
            word += letter;
            begun = true;
        }
    }
    if (quote) {
        throw `Audio2Pose: a ${quote} is not closed in the options: ${text}`;
    }
    if (begun) {
        words.push(word);
    }
    return words;
}
