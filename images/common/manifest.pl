# Prints packages.json of an assembled root: every package with its version and the licences its copyright file
# names (machine-readable form, its own licence first; else the common licences it refers to).
#
#   perl manifest.pl IMAGE MAIN-PACKAGE ROOT [COMPONENTS]
#
# COMPONENTS lists what came from elsewhere, a line each: name, version and licences (separated by commas), with tabs
# between. The first of them is then what the image is about, and its version the image's.
use strict;
use warnings;

my ($image, $main, $root, $components) = @ARGV;

sub slurp {
    my ($path) = @_;
    open(my $in, '<', $path) or return '';
    local $/;
    return scalar <$in>;
}

sub quoted {
    my ($text) = @_;
    $text =~ s/([\\"])/\\$1/g;
    $text =~ s/[^\x20-\x7e]/?/g;
    return "\"$text\"";
}

sub licences {
    my ($package) = @_;
    my $path = "$root/usr/share/doc/$package/copyright";
    # A package's documentation folder may be a link to a sibling's.
    my $text = slurp($path);
    my (%found, $main);
    if ($text =~ /^Format:/mi) {
        # The licence of all files that no other paragraph names is the package's own.
        ($main) = $text =~ /^Files:[ \t]*\*[ \t]*\n(?:[^\n]+\n)*?License:[ \t]*(\S[^\n]{0,79}?)[ \t]*\n/mi;
        $found{$1} = 1 while $text =~ /^License:[ \t]*(\S[^\n]{0,79}?)\s*$/mgi;
    }
    if (!%found) {
        $found{$1} = 1 while $text =~ m{/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9])}g;
    }
    $found{'see copyright file'} = 1 if !%found;
    return sort { ($b eq ($main // '')) <=> ($a eq ($main // '')) || $a cmp $b } keys %found;
}

my (@rows, $version);
for my $path (sort glob("$root/var/lib/dpkg/status.d/*")) {
    my $control = slurp($path);
    my ($name) = $control =~ /^Package: (\S+)/m;
    my ($number) = $control =~ /^Version: (\S+)/m;
    # Upstream's own number: without Debian's epoch, repacking mark and revision.
    ($version) = $number =~ /^(?:\d+:)?(\d+(?:\.\d+)*)/ if $name eq $main;
    push @rows, sprintf('    { "name": %s, "version": %s, "licences": [%s] }',
        quoted($name), quoted($number), join(', ', map { quoted($_) } licences($name)));
}
if (defined $components) {
    my @lines = grep { /\S/ } split /\n/, slurp($components);
    die "$components lists nothing\n" if !@lines;
    undef $version;
    for my $line (@lines) {
        my ($name, $number, $licences) = split /\t/, $line;
        die "$components: not name, version and licences: $line\n" if !$licences;
        ($version) = $number =~ /^(\d+(?:\.\d+)*)/ if !defined $version;
        push @rows, sprintf('    { "name": %s, "version": %s, "licences": [%s] }',
            quoted($name), quoted($number), join(', ', map { quoted($_) } split /, */, $licences));
    }
    die "$components: its first line has no version\n" if !defined $version;
}
die "package $main is not in the root\n" if !defined $version;
printf "{\n  \"image\": %s,\n  \"version\": %s,\n  \"packages\": [\n%s\n  ]\n}\n",
    quoted($image), quoted($version), join(",\n", @rows);
