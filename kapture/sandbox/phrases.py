"""What sample posts say: patterns in the tone of people who make things, with gaps that the generator fills.

Gaps: {kw} and {Kw} the keyword, {n} a count, {k} a number of thousands, {money} a price, {span} a time, {place} and
{hour} a setting, {gear} and {craft} a thing or an act of making, {pct} a share.
"""

YOUTUBE_TITLES = (
    "I tried {kw} every day for {span}. Here is what changed",
    "{Kw}, explained by someone who got it wrong for {span}",
    "{n} pieces of {kw} advice I would give my younger self",
    "I spent {money} on {kw} so you can spend nothing",
    "Why {kw} felt hard, and the fix that took {span}",
    "{n} {kw} mistakes that cost me {k},000 views",
    "How I plan {span} of {kw} in one sitting",
    "Nobody watches {kw} for the {gear}",
    "{Kw} with one {gear} and a borrowed chair",
    "The quiet way to get better at {kw}",
    "I asked {n} full-time creators about {kw}",
    "{Kw} in {place}, filmed at {hour}",
    "What {span} of {kw} taught me about {craft}",
    "Do I still recommend {kw} after {span}? The honest numbers",
    "{Kw} without the burnout: my {n} rules",
    "A slow day of {kw} in {place}",
    "I rebuilt my {gear} setup around {kw} for {money}",
    "The {kw} video I was afraid to post for {span}",
    "From zero to {k}K with {kw}: the boring version",
    "{Kw}: the first {n} seconds decide everything",
    "I copied the best {kw} channel for {span}. Here is the data",
    "Stop polishing your {kw}. Fix the {craft} instead",
    "{Kw} on a phone, and nobody in {place} noticed",
    "The {craft} change that lifted my {kw} retention by {pct}%",
    "{n} things I cut from every {kw} video",
    "Everything I know about {kw} in {n} minutes",
    "{Kw} for people who hate being on camera, in {n} steps",
    "My {kw} went quiet for {span}, then this happened",
    "One {gear}, one window, one take: {kw}",
    "What {k},000 viewers actually reward in {kw}",
    "How {place} changed the way I do {kw}",
    "Reading {n} comments about my {kw}, answering all of them",
    "The {money} kit for {kw} that I would buy again",
    "{Kw}: a {craft} problem, not a {gear} problem",
)

TIKTOK_TEXTS = (
    "POV: after {span} your {kw} looks like the thing in your head",
    "the {kw} trick that made my editor text me at {hour}",
    "{n} seconds of {kw} you can copy today",
    "day {n} of {kw} until it stops being scary",
    "{n} things in my {kw} kit that just make sense",
    "wait for {hour}, that is the whole {kw} lesson",
    "telling you the {kw} secret I charged {money} for",
    "{kw} but nothing is allowed to cost more than {money}",
    "filming {kw} at {hour} in {place}",
    "to everyone who is bored of {kw}: {k}K people disagree",
    "my {gear} fell off the shelf mid {kw}, kept it in",
    "the {craft} difference between good {kw} and saved {kw}",
    "nobody talks about the {craft} part of {kw}",
    "three shots, one {gear}, all {kw}",
    "how I turn one {kw} idea into {n} posts",
    "silent {kw} in {place}, sound on",
    "if your {kw} posts get stuck at {n}00 views, try this",
    "came for the {kw}, stayed for the {craft}",
    "asking strangers in {place} about {kw}",
    "the {kw} hook that kept {pct}% to the end",
    "I timed my whole {kw} routine so you know it is real",
    "before and after {span} of {kw}",
    "stitch this with your worst {kw} take, mine took {span}",
    "a {kw} day that went wrong in {n} steps",
    "you do not need a {gear} for {kw}, you need a window",
    "rating {n} {kw} trends so you can skip them",
    "this is your sign to post the {kw} draft from {span} ago",
    "making {kw} for {n} people changed how I do {craft}",
    "small room in {place}, big {kw} energy",
    "the last {n} seconds of this {kw} took {span}",
)

REDDIT_TITLES = (
    "I analysed {n}0 {kw} posts that broke out. Here is the data",
    "After {span} of {kw} I finally understand what people stay for",
    "What is the one {craft} change in {kw} that moved your numbers?",
    "{Kw} took me from {n}0 to {k},000 followers. Ask me anything",
    "Unpopular opinion: most {kw} advice is about {gear}, not {craft}",
    "How do you keep {kw} fresh after {span}?",
    "I replied to every comment on my {kw} for {span}. Results inside",
    "Is anyone else seeing {kw} reach drop by {pct}%?",
    "My full {kw} budget, {money} all in",
    "Small win: my {kw} video passed {k},000 views overnight",
    "Lessons from deleting {n} {kw} drafts",
    "What {span} taught me to tell beginners about {kw}",
    "I kept a spreadsheet of {kw} for {span}",
    "Can we talk about burnout after {span} of {kw}?",
    "{Kw} in {place}: what worked and what did not",
    "Critique my {kw}: it holds {pct}% at thirty seconds",
    "The {n}-point {kw} checklist I use before every post",
    "PSA: check your {gear} before a long {kw} session",
    "I posted {kw} at {hour} for a month. Here is the graph",
    "Why do I get {pct}% more from {kw} when I try less?",
    "Switched from shorts to long {kw}, {span} later",
    "Free template: how I script {kw} in {n} lines",
    "A client wanted {kw} for {money}. What I learned",
    "{n}0 thumbnails for {kw}: faces help {pct}% less than you think",
)

X_TEXTS = (
    "The algorithm changed for {kw} again. Early replies now beat saves. Tested on {n} accounts over {span}.",
    "Thread: {n} {kw} posts that crossed {k}K, and the one thing they share.",
    "Hot take: good {kw} comes {pct}% from {craft}. The {gear} is the rest, and nobody notices it.",
    "Spent {span} on one {kw} video. It did {k}K. The one I made on the train did {n}x that.",
    "If your {kw} hook needs {n} words of context, it is not a hook. Start where it gets interesting.",
    "A {kw} workflow that survives a bad week: one idea, one {gear}, one take, post.",
    "Reminder: filming {kw} in {place} at {hour} costs nothing and looks like {money}.",
    "1/ The {pct}% drop in your {kw} graph is not the hook. It is the promise your title made.",
    "Asked {n} editors what they charge for {kw}. Median: {money}. Range: shocking.",
    "{Kw} tip number {n}: read your first line out loud. If you would not say it to a friend, cut it.",
    "Numbers from {span} of {kw}: {n} posts, {k}K views, {pct}% from three of them.",
    "Nobody is bored of {kw}. They are bored of the same first {n} seconds.",
    "The best {kw} clip I saw this week was shot with a {gear} taped to a mug.",
    "Posting {kw} at {hour} for {span}. The chart is below and it is not what I expected.",
    "Unfinished {kw} ideas are free. Here are {n} of mine, take one.",
    "Every {kw} account over {k}K does this: it answers one question per post.",
    "You learn {craft} from {kw} faster than from a {money} course. Watch with the sound off.",
    "Quit my job for {kw} {span} ago. The honest money breakdown follows.",
    "Making {kw} for {n} people who care beats making it for {k}K who scroll.",
    "What I stopped doing in {kw}: intros, outros, and apologising for the {gear}.",
)

SENTENCES = (
    "I wrote down every step so you can copy it without the mistakes.",
    "The short version: fewer cuts, a clearer promise, one question left open.",
    "It took {span} and about {money}, most of it spent on things I no longer use.",
    "The graph at the end is from my own channel, nothing is rounded up.",
    "Shot in {place} with one {gear} and whatever light was left.",
    "The second half matters more than the first; that is where people share.",
    "I tested {n} openings and kept the one that names the loss.",
    "People do not leave because of the picture, they leave because nothing is at stake.",
    "Average view duration went up by {pct}% and the comments got kinder.",
    "If you only change one thing, change the first line.",
    "The {gear} made less of a difference than going to bed earlier.",
    "Everything here works with a phone, I checked.",
    "I will answer questions for the next day or so.",
    "Some of this contradicts what I said last year, and I was wrong last year.",
    "The draft that nearly got deleted did {n} times better than the polished one.",
    "I left the failed takes in, they explain more than I could.",
    "Batching helped, but only after I cut the list to three ideas a week.",
    "Most of the work is deciding what not to film.",
    "It is {craft} first and everything else second.",
    "Tell me what you would have cut.",
)

FILLERS: dict[str, tuple[str, ...]] = {
    "n": ("3", "4", "5", "6", "7", "8", "9", "11", "12", "14", "17", "21", "30", "41", "50"),
    "k": ("2", "4", "8", "12", "25", "40", "90", "120"),
    "money": ("$0", "$12", "$40", "$87", "$120", "$387", "$400", "$1,150"),
    "span": ("a week", "nine days", "30 days", "six weeks", "three months", "a year", "two years", "100 days"),
    "place": (
        "a small kitchen", "Lisbon", "Osaka", "a rented garage", "Oaxaca", "the night train", "Tromsø", "a stairwell",
        "Recife", "a laundromat", "the Azores", "Ghent", "a rooftop", "Jeju",
    ),
    "hour": ("5 a.m.", "2 a.m.", "golden hour", "6:40 in the morning", "lunch break", "midnight", "blue hour"),
    "gear": (
        "lamp", "tripod", "35 mm lens", "lavalier mic", "desk light", "bed sheet", "gimbal", "ring light", "old phone",
    ),
    "craft": ("editing", "storytelling", "pacing", "framing", "sound", "listening", "scripting", "colour"),
    "pct": ("12", "23", "34", "41", "58", "63", "70", "82"),
}  # fmt: skip

TAGS = (
    "creator", "contentcreator", "behindthescenes", "editing", "storytelling", "filmmaking", "learnontiktok", "howto",
    "smallcreator", "studio", "workflow", "vlog", "tutorial", "inspiration", "process", "shorts", "fyp", "broll",
)  # fmt: skip
GIVEN = (
    "Mara", "Juno", "Kenji", "Solveig", "Tomas", "Ines", "Okan", "Priya", "Leo", "Aiko", "Noor", "Bruno", "Freya",
    "Mateo", "Zola", "Emil", "Hana", "Caio", "Wren", "Dele", "Ravi", "Lotte", "Sami", "Odessa", "Pavel", "Thandi",
)  # fmt: skip
FAMILY = (
    "Lindgren", "Okafor", "Marsh", "Takeda", "Ferreira", "Holm", "Navarro", "Sorel", "Iyer", "Banks", "Kowalski",
    "Achterberg", "Duarte", "Quill", "Yamane", "Osei", "Vance", "Brandt", "Castellan", "Rook",
)  # fmt: skip
STUDIOS = (
    "north window", "slow cut", "paper lantern", "second take", "field notes", "salt and lens", "room tone",
    "open reel", "blue hour club", "tiny studio", "long walk films", "desk weather", "soft focus", "quiet rig",
    "half light", "the rough cut",
)  # fmt: skip
COMMUNITIES = (
    "NewTubers", "videography", "SmallYTChannel", "contentcreators", "Filmmakers", "editors", "socialmedia",
    "Cinematography",
)  # fmt: skip
SIGNATURES = (
    "I make small films about making things.", "Notes from a very small studio.", "One idea a week, properly done.",
    "Editor by day, also by night.", "Teaching what I learn while I learn it.", "Long videos, short sentences.",
)  # fmt: skip
