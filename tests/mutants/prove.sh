# Sourced by the scripts here: proves that what checks a copy of the tree can fail.
#
# prove PATCHES: `build` (of the sourcing script: builds from $work, fails the script if it cannot) and
# `passes` (exit code: does everything hold? says what it found in $work/log.txt) for the tree as it
# stands, which must pass or a broken mutant proves nothing, then for each patch. Exits with the number
# of mutants that survived, 1 if the tree itself does not pass.
prove() {
    build
    if ! passes; then
        echo "unpatched: FAILED, $(tail -1 "$work/log.txt")"
        exit 1
    fi
    echo "unpatched: passes"
    survivors=0
    for patch in "$@"; do
        name=$(basename "$patch" .patch)
        patch -s -p1 -d "$work" <"$patch"
        build
        patch -s -R -p1 -d "$work" <"$patch"
        if passes; then
            echo "$name: SURVIVED"
            survivors=$((survivors + 1))
        else
            echo "$name: found, $(grep -m1 "${found:-.}" "$work/log.txt")"
        fi
    done
    exit "$survivors"
}
