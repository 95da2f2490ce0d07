#!/bin/sh
# Files that saddle writes: what is there is left alone, what is new obeys the umask, links are never written through.
. "$(dirname "$0")/lib.sh"

demo=$top/sessions/demo.saddle
run --log=none -c "$tiny; train --steps 4 --name run; wait; save weights w.safetensors"
is 'a run to write from' "$code $err" '0 '
runs=data/saddle/sessions

# Every command that writes a file, with the name of the file where @ is.
cat >writers <<END
export csv @ $demo
export jsonl @ $demo
export script @ $demo
export svg @ $demo
export csv @ $demo --what lambda
save weights @
gradient @
hvp w.safetensors @
hessian 9 --iters 2 --images 2 --save @
END
if ! "$SADDLE" -c "export svg try.svg $demo" >/dev/null 2>&1; then
    sed -i /svg/d writers # a build without cairo
fi
setup="$tiny; load weights w.safetensors"
all() { # NAME OPTION: every writer, each its own file
    echo "$setup"
    awk -v name="$1" -v option="$2" '{ sub("@", name NR); print $0 option }' writers
}
for form in csv jsonl script; do
    run -q -c "export $form text $runs/run.saddle --force"
    run export $form - $runs/run.saddle
    is "$form on standard output" "$code $err $(printf '%s\n' "$out" | cmp - text 2>&1)$(test -e ./- && echo 'a file -')" '0  '
done
run export csv - $demo --what lambda
is 'curvature too' "$code $(printf '%s\n' "$out" | head -n 1 | grep -c ,)" '0 1'
mistake 'a figure is a file' 1 "saddle: export: '-' is for csv, jsonl, script, tex and md; the name of a file" export svg - $demo

echo theirs >theirs
mkdir try
cp theirs try/there
ln -s nowhere try/dangling
taken=
while read -r line; do
    name=dangling prefix=
    case $line in export*) ;; *) prefix="$setup; " ;; esac
    case $line in *jsonl* | hvp*) name=there ;; esac
    run -q -c "$prefix$(printf '%s\n' "$line" | sed "s|@|try/$name|")"
    case $code-$err in 1-*"'try/$name' exists; --force replaces it") ;; *) taken="$taken$line -> $code $err
" ;; esac
done <writers
is 'no file and no dangling link is replaced without --force' "$taken$(cmp theirs try/there) $(ls -A try | tr '\n' ' ')" ' dangling there '

rm -r try
mkdir try
for i in 1 2 3 4 5 6 7 8 9; do ln -s ../theirs try/link$i; done
all try/link ' --force' >forced.sad
(umask 077 && run run forced.sad && [ $code = 0 ]) || not_ok 'forced' "$err"
is 'a link is replaced, not followed' "$(cat theirs) $(find try -type f -perm 600 | wc -l)" "theirs $(wc -l <writers)"
all try/new '' >new.sad
(umask 027 && run run new.sad && [ $code = 0 ]) || not_ok 'new' "$err"
is 'new files obey the umask' "$(find try -name 'new*' -perm 640 | wc -l)" "$(wc -l <writers)"
is 'and nothing else is left' "$(ls -A try | grep -c -v -e '^new[1-9]$' -e '^link[1-9]$')" 0

# A session whose files are other names of somebody's file.
mkdir hostile
run --log=none -c "$tiny; train --steps 100000 --name cut; wait step 2; stop --yes"
cp -r $runs/cut.saddle hostile/lock.saddle
cp theirs victim
ln -f victim hostile/lock.saddle/lock
mistake 'a lock with another name is refused' 3 \
    "saddle: resume: the lock of session 'lock' is another name of some other file; remove hostile/lock.saddle/lock and try again" \
    --log=none resume hostile/lock.saddle
is 'and left as it was' "$(cat victim)" theirs
rm -r hostile/lock.saddle
cp -r $runs/cut.saddle hostile/reserve.saddle
for i in 1 2 3 4 5 6 7 8; do cat theirs theirs >victim.more; cat victim.more >>victim; done
cp victim before
ln -f victim hostile/reserve.saddle/reserve
run --log=none --do 'resume hostile/reserve.saddle; wait step 4; stop --yes' -c 'echo on'
is 'a reserve with another name is not used' "$(cmp victim before && stat -c '%s %h' victim)" "$(stat -c '%s 1' before)"
rm -f hostile/reserve.saddle/lock
ln -s ../../victim hostile/reserve.saddle/lock
run --log=none resume hostile/reserve.saddle
is 'a lock that is a link is refused' "$code $(printf '%s\n' "$err" | grep -c "cannot open the lock of session 'reserve'")" '1 1'
cmp -s victim before && ok 'and not followed' || not_ok 'and not followed' "$(cat victim)"

# `rm` takes away what is there by that name, not what a link leads to.
mkdir elsewhere
cp -r $runs/run.saddle elsewhere/real.saddle
ln -s "$work/elsewhere/real.saddle" $runs/link.saddle
for name in link $runs/link.saddle $runs/link.saddle/; do
    run -c "rm $name --yes"
    is "rm of a link: $name" "$code $(ls elsewhere/real.saddle | grep -c journal)" '1 1'
done

# ~ is a home folder wherever a path or a run is expected, and a character like others elsewhere and in quotes.
echo 'echo sourced' >s.sad
run --log=none -c "source ~/s.sad; $setup; save weights ~/home.safetensors; load weights ~/home.safetensors; gradient ~/\"a b.safetensors\"
hvp ~/home.safetensors ~/hvp.safetensors; hessian 9 --iters 2 --images 2 --save=~/h1.safetensors; hessian 9 --iters 2 --images 2 --save ~/h2.safetensors
export csv ~/home.csv ~/data/saddle/sessions/run.saddle; set data_path ~/images; show data_path; echo ~/x"
is 'files and runs behind a ~' "$code $err $(ls home.safetensors 'a b.safetensors' hvp.safetensors h1.safetensors h2.safetensors home.csv | wc -l) $(printf '%s\n' "$out" |
    grep -c -e '^sourced$' -e "^data_path $work/images" -e '^~/x$')" '0  6 3'
mistake 'quoted ~ is a name' 3 'saddle: load: cannot open ~/home.safetensors: No such file or directory' -q -c "data demo; model resnet8; load weights '~/home.safetensors'"
mistake 'an escaped one too' 1 "saddle: source: cannot read '~/s.sad': No such file or directory" -c 'source \~/s.sad'
mistake 'no such user' 1 "saddle: source: no home for '~no-such-user'; in quotes ~ is a character like others" -c 'source ~no-such-user/x'
run --sessions=~/mine --log-file=~/mine.log -c "$tiny; train --steps 1 --name there"
is 'options of the command line' "$code $(ls -d mine/there.saddle mine.log) $(ls -d ./~* 2>/dev/null)" '0 mine.log
mine/there.saddle '
finish
