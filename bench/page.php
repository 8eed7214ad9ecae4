<?php
// What people would write instead: the pages that bench/run measures, with the same look-ups,
// escaping and hashing, and the same body. The pages' templates are made of those of
// label-studio (subjects.py), so that both send the same bytes.

declare(strict_types=1);

const HASH_COST = ['memory_cost' => 19456, 'time_cost' => 2, 'threads' => 1];

$database = new PDO('sqlite:' . __DIR__ . '/site.sqlite3', options: [
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
    PDO::ATTR_PERSISTENT => true,
]);
$database->exec('PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL');

function row(PDO $database, string $sql, array $values): ?array
{
    $statement = $database->prepare($sql);
    $statement->execute($values);
    return $statement->fetch() ?: null;
}

function escaped(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function token(): string
{
    return rtrim(strtr(base64_encode(random_bytes(32)), '+/', '-_'), '=');
}

function visitor(PDO $database): ?array
{
    return row(
        $database,
        'SELECT u.id, u.email, m.role, s.created_at, s.last_seen_at FROM session s JOIN user u ON u.id = s.user_id '
            . 'JOIN member m ON m.user_id = u.id WHERE s.token_hash = ?',
        [hash('sha256', $_COOKIE['sessionid'] ?? '')]
    );
}

function begin(PDO $database, int $user): never
{
    $token = token();
    $database->prepare('INSERT INTO session VALUES (?, ?, ?, ?)')
        ->execute([hash('sha256', $token), $user, time(), time()]);
    header("Set-Cookie: sessionid=$token; HttpOnly; Path=/; SameSite=Lax");
    header('Location: /', true, 302);
    exit;
}

function fields(): void
{
    header('Cache-Control: no-store');
    header("Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        . "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    header('Referrer-Policy: same-origin');
    header('X-Content-Type-Options: nosniff');
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$isPost = $_SERVER['REQUEST_METHOD'] === 'POST';
fields();

if ($path === '/api/current-user/whoami') {
    $given = substr($_SERVER['HTTP_AUTHORIZATION'] ?? '', strlen('Token '));
    $user = row(
        $database,
        'SELECT u.* FROM api_token t JOIN user u ON u.id = t.user_id WHERE t.token_hash = ?',
        [hash('sha256', $given)]
    );
    if (!$user) {
        http_response_code(401);
        exit;
    }
    header('Content-Type: application/json');
    $answer = json_decode($user['answer'], true, flags: JSON_THROW_ON_ERROR);
    $answer['email'] = $user['email'];
    echo json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
} elseif ($path === '/user/login/' && $isPost) {
    $user = row($database, 'SELECT id, password_hash FROM user WHERE email = ?', [$_POST['email']]);
    if (!$user || !password_verify($_POST['password'], $user['password_hash'])) {
        http_response_code(422);
        exit;
    }
    begin($database, $user['id']);
} elseif ($path === '/user/signup/' && $isPost) {
    if (!row($database, 'SELECT id FROM invitation WHERE token_hash = ?', [hash('sha256', $_GET['token'])])) {
        http_response_code(403);
        exit;
    }
    $hash = password_hash($_POST['password'], PASSWORD_ARGON2ID, HASH_COST);
    $database->beginTransaction();
    $database->prepare('INSERT INTO user (email, password_hash) VALUES (?, ?)')->execute([$_POST['email'], $hash]);
    $user = (int) $database->lastInsertId();
    $database->prepare("INSERT INTO member VALUES (?, 'member', ?)")->execute([$user, time()]);
    $database->prepare('INSERT INTO api_token VALUES (?, ?)')->execute([hash('sha256', token()), $user]);
    $database->commit();
    begin($database, $user);
} else {
    $visitor = visitor($database);
    $csrf = token();
    header("Set-Cookie: csrftoken=$csrf; HttpOnly; Path=/; SameSite=Lax");
    if ($path === '/user/login/') {
        require __DIR__ . '/login.php';
    } elseif (!$visitor) {
        header('Location: /user/login/', true, 302);
    } elseif ($path === '/') {
        require __DIR__ . '/home.php';
    } else {
        $statement = $database->query(
            'SELECT u.*, m.role FROM member m JOIN user u ON u.id = m.user_id ORDER BY u.id LIMIT 25'
        );
        $people = $statement->fetchAll();
        $count = row($database, 'SELECT count(*) AS people FROM member', [])['people'];
        require __DIR__ . '/organization.php';
    }
}
