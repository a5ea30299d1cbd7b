#!/usr/bin/env bash
# What ./bootstrap says and does without building: run on a scratch copy with stand-ins for the
# programs that it calls.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# expect STATUS TEXT COMMAND...: the command must end with STATUS and print TEXT.
expect() {
  local status=$1 text=$2 output got=0
  shift 2
  output=$("$@" 2>&1) || got=$?
  if [[ $got != "$status" || $output != *"$text"* ]]; then
    printf 'FAILED: %s\n  status %s, expected %s; printed:\n%s\n  expected: %s\n' \
      "$*" "$got" "$status" "$output" "$text"
    failures=$((failures + 1))
  fi
}

# stand_in NAME TEXT: a program of that name, found first, that runs TEXT.
stand_in() {
  printf '#!/bin/bash\n%s\n' "$2" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

mkdir -p "$scratch/bin" "$scratch/tree/tools"
cp "$root/bootstrap" "$scratch/tree/"
printf '# why\nbuild package-a\nbuild package-b\n' >"$scratch/tree/tools/packages"
bootstrap=$scratch/tree/bootstrap
export PATH=$scratch/bin:$PATH

# Help and bad usage
expect 0 "usage: ./bootstrap" "$bootstrap"
expect 0 "usage: ./bootstrap" "$bootstrap" --help
expect 2 "no command drema" "$bootstrap" drema
expect 1 "absent.jpg: no such file" "$bootstrap" dream absent.jpg

# All there: apt is not called
stand_in dpkg-query 'echo "package-a installed"; echo "package-b installed"'
stand_in apt-get 'echo "apt-get $*" >>"$0.log"; [[ ! -e $0.broken ]]'
stand_in apt-cache 'echo "  Candidate: 1.0"'
stand_in id 'echo 0'
expect 0 "" "$bootstrap" install
[[ ! -e $scratch/bin/apt-get.log ]] || { echo "FAILED: apt-get ran with nothing missing"; failures=1; }

# One missing: it alone is installed, and named
stand_in dpkg-query 'echo "package-a installed"; echo "package-b not-installed"; exit 1'
expect 0 "installing package-b and" "$bootstrap" install
expect 0 "install --no-install-recommends package-b" cat "$scratch/bin/apt-get.log"

# A group that is not there, a package that the release lacks, an apt that fails
expect 1 "no group named draem" "$bootstrap" install draem
stand_in apt-cache 'echo "  Candidate: (none)"'
expect 1 "has no package package-b" "$bootstrap" install
stand_in apt-cache 'echo "  Candidate: 1.0"'
touch "$scratch/bin/apt-get.broken"
expect 1 "could not install package-b" "$bootstrap" install
rm "$scratch/bin/apt-get.broken"

# Not root: through sudo, or a line that says what to run
stand_in id 'echo 1000'
stand_in sudo 'echo "sudo $*" >>"$0.log"; exec "$@"'
expect 0 "installing package-b and" "$bootstrap" install
expect 0 "apt-get -q -y" cat "$scratch/bin/sudo.log"

# Neither root nor sudo, and no apt at all: only our own programs on the path
rm "$scratch/bin/sudo"
for program in bash env sed grep dirname cat mkdir tail; do
  ln -sf "$(command -v "$program")" "$scratch/bin/$program"
done
expect 1 "neither root nor sudo" env PATH="$scratch/bin" "$bootstrap" install
expect 0 "" env PATH="$scratch/bin" REVERIE_NO_INSTALL=1 "$bootstrap" install
rm "$scratch/bin/apt-get"
expect 1 "has no apt; install the equivalents of: package-a package-b" \
  env PATH="$scratch/bin" "$bootstrap" install

# dream: stand-ins for cmake, ninja and the program; the photo's own name, never one that is taken
stand_in id 'echo 0'
stand_in dpkg-query 'echo "package-a installed"; echo "package-b installed"'
stand_in apt-get 'exit 1'
stand_in cmake 'mkdir -p build/release && touch build/release/build.ninja'
stand_in ninja 'exit 0'
touch "$scratch/tree/CMakePresets.json" "$scratch/tree/a photo.jpg"
mkdir -p "$scratch/tree/build/release"
cat >"$scratch/tree/build/release/reverie" <<'END'
#!/bin/bash
echo "reverie $*"
while [[ $# -gt 0 ]]; do [[ $1 != -o ]] || touch "$2"; shift; done
END
chmod +x "$scratch/tree/build/release/reverie"
cd "$scratch/tree" || exit 1
expect 0 "reverie image a photo.jpg --octaves 2 -o a photo.dream.png" \
  "$bootstrap" dream "a photo.jpg" --octaves 2
expect 0 "the dream is in a photo.dream-2.png" "$bootstrap" dream "a photo.jpg"
expect 0 "the dream is in elsewhere.png" "$bootstrap" dream "a photo.jpg" -o elsewhere.png
expect 0 "build/example/scene.dream.png" "$bootstrap" dream
expect 0 "the dream is in $scratch/tree/build/example/scene.dream.png" "$bootstrap" dream --octaves 2

((failures == 0)) && echo "bootstrap_test: all as expected"
exit $((failures != 0))
