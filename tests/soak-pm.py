#!/usr/bin/env python3
"""Kills at random whatever belongs to a manager of `firn pm`, the manager and its holder too, and gives random commands meanwhile.
   tests/soak-pm.py FIRN MINUTES [SEED]
Asserted all the time: no unit ever has two main processes. At the end: what is to run runs, once; what is not does not; the lines that
two units wrote all that time are in their logs, each once and in order; a shutdown leaves nothing."""
import collections, glob, json, os, random, re, signal, subprocess, sys, tempfile, time

firn, minutes = os.path.abspath(sys.argv[1]), float(sys.argv[2])
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(10**6)
random.seed(seed)
home = tempfile.mkdtemp(prefix="pm-soak-")
SERVICES = [f"s{i}" for i in range(40)]
os.mkdir(f"{home}/wanted")
with open(f"{home}/wanted/all.yaml", "w") as units:
    units.write("units:\n")
    for i, name in enumerate(SERVICES):
        needs = f", requires: [s{i - 1}]" if i % 8 in (1, 2) else ""
        units.write(f"  {name}: {{ run: sleep 100000, ready: settle(5ms), restart: always, startLimit: 1000000, maxDelay: 300ms, restartDelay: 1ms{needs} }}\n")
    units.write(f"  stray: {{ run: 'sh -c \"(setsid sleep 100000 &); exec sleep 100000\"', ready: settle(5ms), restart: always, startLimit: 1000000, maxDelay: 300ms }}\n")
    for name in ("w1", "w2"):
        units.write(f"  {name}: {{ run: 'sh -c \"i=0; while :; do i=$((i+1)); echo line $i; sleep 0.002; done\"', ready: settle(5ms), logSize: 64K, logKeep: 100000 }}\n")

holder = None
def start():
    global holder
    holder = subprocess.Popen([firn, "pm", "main", "--home", home, "--units", f"{home}/wanted"], stderr=subprocess.DEVNULL, start_new_session=True)
def verb(*words, limit=30):
    done = subprocess.run([firn, "pm", words[0], "--home", home, *words[1:]], capture_output=True, text=True, timeout=limit)
    return done.returncode, done.stdout + done.stderr
def manager():
    out = subprocess.run(["pgrep", "-f", f"[p]m-manager {home} "], capture_output=True, text=True).stdout.split()
    return int(out[0]) if out else 0
def processes():
    """Main processes by unit: leaders of the sessions in which the manager starts them, and neither commands nor what ran away."""
    found = collections.defaultdict(list)
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            environ = open(path, "rb").read().split(b"\0")
            if f"PM_HOME={home}".encode() not in environ or any(e.startswith(b"PM_COMMAND=") for e in environ): continue
            pid = int(path.split("/")[2])
            stat = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            if stat[0] in "ZX" or int(stat[3]) != pid: continue
            unit = [e[8:].decode() for e in environ if e.startswith(b"PM_UNIT=")][0]
            job = [e[7:].decode() for e in environ if e.startswith(b"PM_JOB=")][0]
            found[unit].append((pid, job))
        except (OSError, IndexError):
            pass
    return found
def check(found):
    for unit, mains in found.items():
        jobs = {job for _, job in mains}
        if unit == "stray": continue    # its own run-away leads a session, too
        assert len(mains) <= 1, f"seed {seed}: {unit} runs {len(mains)} times: {mains}"
        assert len(jobs) <= 1
def kill(pid, number=signal.SIGKILL):
    try: os.kill(pid, number)
    except ProcessLookupError: pass

start()
time.sleep(3)
counts, want, end = collections.Counter(), {}, time.time() + minutes * 60
try:
    while time.time() < end:
        act = random.choice(["service"] * 6 + ["manager"] * 3 + ["holder", "both"] + ["stop", "start", "restart"])
        counts[act] += 1
        if act == "service":
            mains = [m for unit, all in processes().items() if not unit.startswith("w") for m in all]
            for pid, _ in random.sample(mains, min(len(mains), random.randint(1, 5))): kill(pid)
        elif act == "manager" and (pid := manager()): kill(pid)
        elif act in ("holder", "both"):
            pid = manager()
            holder.kill()
            if act == "both" and pid: kill(pid)
            holder.wait()
            start()
        elif act in ("stop", "start", "restart"):
            names = random.sample(SERVICES[3::8] + SERVICES[5::8], 3)
            try: code, said = verb(act, "--no-block", *names)
            except subprocess.TimeoutExpired: raise AssertionError(f"seed {seed}: {act} hangs")
            if code == 0:
                for name in names: want[name] = act != "stop"
            elif code != 125: print(f"{act} {names}: {code} {said.strip()}", file=sys.stderr)
            else:
                for name in names: want[name] = None    # it may or may not have been heard
        time.sleep(random.random() * 0.4)
        check(processes())
    for name in want: verb("start" if want[name] is not False else "stop", name)
    deadline = time.time() + 60
    while True:
        listed = {}
        code, said = verb("list", "--json")
        for line in said.splitlines():
            if line.startswith("{"): listed[json.loads(line)["unit"]] = json.loads(line)["state"]
        wrong = [u for u in listed if listed[u] != ("STOPPED" if want.get(u) is False else "RUNNING")]
        if code == 0 and listed and not wrong: break
        assert time.time() < deadline, f"seed {seed}: not as wanted: {[(u, listed[u]) for u in wrong]}"
        time.sleep(0.5)
    found = processes()
    check(found)
    for unit, state in listed.items():
        assert (unit in found) == (state == "RUNNING"), f"seed {seed}: {unit} is {state} and has {found.get(unit)}"
    code, said = verb("shutdown", limit=60)
    assert code == 0, said
    holder.wait(30)
    left = processes()
    assert not left, f"seed {seed}: left over: {dict(left)}"
    lines = 0
    for name in ("w1", "w2"):
        numbers = [int(n) for path in sorted(glob.glob(f"{home}/log/{name}/*"), key=lambda p: (p.endswith("/current"), p)) for n in re.findall(r"^line (\d+)$", open(path).read(), re.M)]
        assert numbers == list(range(1, len(numbers) + 1)), f"seed {seed}: {name}: a line is missing or doubled near {next(i for i, n in enumerate(numbers) if n != i + 1)}"
        lines += len(numbers)
    print(f"seed {seed}: {minutes} minutes, {dict(counts)}, {lines} lines, none lost; nothing doubled, nothing left")
    subprocess.run(["rm", "-rf", home])
finally:
    if holder.poll() is None: holder.kill()
    if pid := manager(): kill(pid)
    for mains in processes().values():
        for pid, _ in mains: kill(pid)
