"""Sentences the writing stand-in builds its answers from.

Gaps: {t} and {T} the topic, {q} exact words of a source, {a} its author, {m} how many times its author's usual it
reached, {p} its platform, {n} how many sources there are. A sentence whose gap cannot be filled is not used.
"""

GROUNDED: dict[str, tuple[str, ...]] = {
    "hooks": (
        "“{q}” reached {m} its author's usual. Here is the half nobody filmed.",
        "Say “{q}” out loud. Now look at what the picture is doing.",
        "You have heard “{q}”. You have not seen what comes right after.",
        "Before you film one more second of {t}, read this again: “{q}”.",
        "What if “{q}” is only the first half of the sentence?",
        "{a} said “{q}”. My version has to work without a face in it.",
        "Everyone will copy the shot. Almost nobody will copy “{q}”.",
        "I am starting where {a} stopped: “{q}”.",
        "Turn the sound off. If {t} still makes sense, “{q}” was right.",
        "Two seconds in, and you already know whether “{q}” is true.",
        "One line is doing all the work here: “{q}”. Watch me take it out.",
        "This is {t} with everything removed except “{q}”.",
        "If “{q}” sounds obvious, give me one shot to make it strange again.",
        "I wanted to argue with “{q}”. Then I pressed record.",
    ),
    "titles": (
        "{T} after “{q}”",
        "What “{q}” gets right",
        "The missing half of “{q}”",
        "“{q}”, shown instead of told",
        "{T}: testing “{q}” on camera",
        "Is it true? “{q}”",
        "I rebuilt {t} around one line",
        "{T}, starting from “{q}”",
        "One shot that answers “{q}”",
        "The quiet version of “{q}”",
        "{T} without the easy part",
        "A second look at “{q}”",
    ),
    "script": (
        "Cold open on the finished result. Over it, as text: “{q}”.",
        "One sentence of promise: by the end, {t} is something you could do tonight.",
        "Show the starting point honestly. No music yet.",
        "First move, taken from {a}: “{q}”.",
        "Repeat the move with one thing removed, and let the difference speak.",
        "The turn: say where “{q}” stopped working, and what you did instead.",
        "Side by side, first take and last take. Hold it for two full seconds.",
        "A detail for those who stay: hands only, no voice.",
        "Credit the spark on screen: {a} on {p}.",
        "End on the opening frame and ask the question you want answered in the comments.",
    ),
    "angle": (
        "The captured posts around {t} keep returning to one line, “{q}”. Make the piece that shows it.",
        "Why now: this one reached {m} its author's usual with “{q}”.",
        "Leave out what a viewer can guess, and spend the time on what comes after “{q}”.",
    ),
    "description": (
        "A short piece about {t}, set off by a line worth arguing with: “{q}”.",
        "You see the result first, then the attempt, then the one change between them.",
        "Sparked by {a} on {p}: “{q}”.",
        "Made with what was already on the desk. Questions are answered below.",
    ),
}

BARE: dict[str, tuple[str, ...]] = {
    "hooks": (
        "Here is the part of {t} that never makes it into the video.",
        "If {t} feels slow, look at your first sentence.",
        "Watch this with the sound off and tell me what {t} is about.",
        "I have one shot at {t}, so I am starting with the ending.",
        "Nobody needs more {t}. They need this one minute of it.",
        "Let me ruin {t} for you, then fix it.",
        "The smallest change I can make to {t} is the first thing you will notice.",
        "Stop me if you have seen {t} begin like this.",
        "You can skip everything about {t} except the next ten seconds.",
        "I kept the worst take of {t}, because it explains the best one.",
        "This is {t} with nothing to hide behind.",
        "Ask yourself one thing about {t} before I show you mine.",
    ),
    "titles": (
        "{T}: the version I would send a friend",
        "{T} without the first ten seconds",
        "The quiet part of {t}",
        "{T} in one take, mistakes included",
        "If I could keep one shot of {t}",
        "A small experiment with {t}",
        "{T}, shown instead of told",
        "What is left of {t} when the music stops",
        "{T} with everything removed",
        "The first honest minute of {t}",
    ),
    "script": (
        "Cold open on the finished result. No greeting, no title card.",
        "One sentence of promise: by the end, {t} is something you could do tonight.",
        "Show the starting point honestly. No music yet.",
        "First move, in one shot, at the speed it really takes.",
        "Repeat the move with one thing removed, and let the difference speak.",
        "The turn: say what did not work, and keep it in.",
        "Side by side, first take and last take. Hold it for two full seconds.",
        "A detail for those who stay: hands only, no voice.",
        "End on the opening frame and ask the question you want answered in the comments.",
    ),
    "angle": (
        "Make one small, clear promise about {t} and keep it on camera.",
        "Leave out what a viewer can guess; show the one step they could not.",
    ),
    "description": (
        "A short piece about {t}: the result first, then how it came about.",
        "Nothing here needs special equipment, only a little patience.",
        "Questions are answered below.",
    ),
}

BOARD_TITLES = (
    "{T}: what comes after “{q}”",
    "{T}, shown instead of told",
    "One clear promise about {t}",
    "{T}: the half nobody filmed",
)

SPARE_TAGS = (
    "behindthescenes", "storytelling", "creators", "howitsmade", "filmmaking", "editing", "workflow", "firsttake",
    "smallstudio", "process", "shortvideo", "oneidea", "practice", "learning",
)  # fmt: skip
