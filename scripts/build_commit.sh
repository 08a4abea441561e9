#!/bin/sh
# Writes the Swift file that tells the program which commit it was built from.
#
#     build_commit.sh PACKAGE FOLDER
#
# PACKAGE is the package's folder; FOLDER gets Fathom+Commit.swift. The commit is nil where nobody knows
# it: without git, and where PACKAGE is not itself the top of a repository, as in a source archive. It ends
# in -dirty where what the program is built from differs from the commit. A file that says so already
# is left alone, so that nothing is built again. Never fails for want of a commit.
set -u
package=$1
folder=$2

# A build that git itself started, as from a hook, has these set for another purpose.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX

# Whatever the folder's own settings say, git starts no program.
in_package() { git --no-optional-locks -c core.fsmonitor=false -C "$package" "$@" 2>/dev/null; }

commit() {
  [ "$(in_package rev-parse --show-prefix || echo none)" = "" ] || return 0
  head=$(in_package rev-parse --verify --short=12 HEAD) || return 0
  changes=$(in_package status --porcelain -- Package.swift Plugins Sources themes "scripts/build_commit.sh") || return 0
  echo "$head${changes:+-dirty}"
}

name=$(commit)
if [ -n "$name" ]; then value="\"$name\""; else value=nil; fi
text="extension Fathom {
  /// The commit that the program was built from; nil where nobody knows it.
  static let commit: String? = $value
}"

mkdir -p "$folder" || exit 1
file="$folder/Fathom+Commit.swift"
if [ -f "$file" ] && [ "$(cat "$file")" = "$text" ]; then exit 0; fi
printf '%s\n' "$text" >"$file"
